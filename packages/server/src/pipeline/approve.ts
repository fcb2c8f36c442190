/**
 * @module
 * Guard: a write that its URL reserves for approval is made only with a handle that a person has approved. A handle is
 * good for one call, with the same URL, tool and arguments, within a day.
 */
import { type Failure, fail, isRead, selectsMethod } from '@quartermaster/protocol'
import type { KeyRing } from '../keys/key-ring.ts'
import { hashToken, isApprovalHandle, newApprovalHandle } from '../keys/tokens.ts'
import type { ApprovalStore } from '../store/approvals.ts'
import { sealDetails } from './approval-details.ts'
import { type Answer, refuse, type WriteCall } from './call.ts'
import type { Guard, Next } from './compose.ts'
import { fingerprintOf } from './fingerprint.ts'
import type { MakePreview, PreviewRead } from './preview.ts'

export interface ApproveDeps {
  readonly store: ApprovalStore
  readonly ring: KeyRing
  readonly preview: MakePreview
  readonly now: () => number
}

/** People sleep; an approval asked for in the evening must be good in the morning. */
const LIFETIME_MS = 86_400_000
/**
 * Of one URL at a time, so that whoever finds a URL cannot fill the disk, nor bury what somebody must decide under what
 * nobody asked for. More than 200 open questions nobody answers in a day; 10,000 is one in nine seconds of that day.
 */
export const MOST_APPROVALS = { open: 200, kept: 10_000 } as const

export function approve(deps: ApproveDeps): Guard<'approve', WriteCall, PreviewRead, 'idempotency'> {
  const run = async (call: WriteCall, next: Next<PreviewRead>): Promise<Answer> => {
    const { tool, access, writeOptions } = call
    if (isRead(tool.method.kind)) return next()
    const { config, ancestorConfigs = [] } = access.server
    // A derived URL cannot do without an approval that the one it comes from needs.
    const reserving = [config, ...ancestorConfigs].filter(({ approve = [] }) => selectsMethod(approve, tool.method))
    if (reserving.length === 0) return next()
    const approvedBy = reserving.some(({ approved_by }) => approved_by === 'token') ? 'token' : 'caller'
    return writeOptions.approval === undefined
      ? ask(deps, call, approvedBy, next)
      : spend(deps, call, writeOptions.approval, next)
  }
  return { name: 'approve', after: ['idempotency'], run }
}

async function ask(
  { store, ring, preview, now }: ApproveDeps,
  call: WriteCall,
  approvedBy: 'caller' | 'token',
  next: Next<PreviewRead>,
): Promise<Answer> {
  const shown = await preview(call, next)
  if (!shown.ok) return shown
  const print = fingerprintOf(ring, call)
  if (!print) throw new TypeError('the sealing key is always in the ring')
  const { server } = call.access
  const handle = newApprovalHandle()
  const expiresAt = now() + LIFETIME_MS
  const id = hashToken(handle)
  const approval = {
    id,
    tenant: server.tenant,
    serverId: server.id,
    tool: call.toolName,
    ...print,
    createdAt: now(),
    expiresAt,
    needsDecision: approvedBy === 'token',
    // Who holds the URL is told now; only who decides elsewhere must be able to look it up.
    ...(approvedBy === 'token' ? { details: sealDetails(ring, { id, tenant: server.tenant }, shown) } : {}),
  }
  const full = await store.insert(approval, MOST_APPROVALS)
  if (full) return { ...refuse(limitReached(full.limitReachedUntil - now())), quotas: shown.quotas }
  const advice =
    approvedBy === 'token'
      ? 'Do not repeat the call now. Tell the user that the change waits for an approval, and go on without it.'
      : 'Do not repeat the call yourself. The program that runs you asks a person and continues when they have decided.'
  const failure: Failure = {
    ...fail('approval_required', `Cannot ${shown.action} yet: a person must approve it first`, advice),
    approval: {
      handle,
      expires_at: new Date(expiresAt).toISOString(),
      approved_by: approvedBy,
      action: shown.action,
      changes: [...shown.changes],
    },
  }
  return { ok: false, failure, quotas: shown.quotas }
}

async function spend(
  { store, ring, now }: ApproveDeps,
  call: WriteCall,
  handle: string,
  next: Next<PreviewRead>,
): Promise<Answer> {
  if (!isApprovalHandle(handle)) return refuse(invalid('there is no such approval'))
  const id = hashToken(handle)
  const approval = await store.find(id)
  const { server } = call.access
  if (!approval || approval.serverId !== server.id) return refuse(invalid('there is no such approval'))
  if (approval.expiresAt <= now()) return refuse(invalid('the approval has expired'))
  const same = fingerprintOf(ring, call, approval.kid)?.digest === approval.digest
  if (!same) return refuse(invalid('the approval is for another call'))
  if (approval.decision === 'refused') return refuse(invalid('the change was refused'))
  if (approval.needsDecision && approval.decision !== 'approved') return refuse(undecided())
  if (!(await store.use(id, now()))) return refuse(invalid('the approval was used before'))
  const answer = await next()
  // What certainly did not happen may be tried again without asking the person twice.
  if (!answer.ok && answer.failure.code !== 'outcome_unknown') await store.unuse(id)
  return answer
}

function limitReached(waitMs: number): Failure {
  const advice =
    'Do not repeat the call now. Tell the user that earlier changes must be approved or refused first. Nothing was changed.'
  const { open, kept } = MOST_APPROVALS
  const message = `Cannot ask for an approval: ${open} of this URL wait for a decision already, or ${kept} were asked for in a day`
  return fail('conflict', message, advice, { retryAfterS: waitMs / 1_000 })
}

function undecided(): Failure {
  const advice = 'Do not repeat the call now. Tell the user that the change waits for an approval.'
  return fail('approval_required', 'Cannot make the call yet: nobody has approved it so far', advice)
}

function invalid(why: string): Failure {
  return fail(
    'approval_invalid',
    `Cannot make the call: ${why}`,
    'Make the call without an approval to ask for a new one.',
  )
}
