/**
 * @module
 * Guard: a write that comes again is answered with what came of it the first time, and is not made again. What
 * certainly did not happen may be tried again under the same key.
 */
import { createHash } from 'node:crypto'
import { type CanonicalRecord, type Failure, fail, isRead, records } from '@quartermaster/protocol'
import type { KeyRing } from '../keys/key-ring.ts'
import { open, type SealContext, seal } from '../keys/seal.ts'
import type { Classification } from '../policy/classification.ts'
import { type FieldClasses, isRule, viewOf } from '../policy/view.ts'
import type { IdempotencyKeyStore, IdempotentWrite } from '../store/idempotency-keys.ts'
import { type Answer, type GoodAnswer, refuse, type ToolCall, type WriteCall } from './call.ts'
import type { Guard, Next } from './compose.ts'
import { fingerprintOf, nameOfWrite } from './fingerprint.ts'
import { sortedEntries } from './sorted-entries.ts'

export interface IdempotencyDeps {
  readonly store: IdempotencyKeyStore
  readonly ring: KeyRing
  readonly now: () => number
  /** This process, and whether another one is certainly gone. */
  readonly owner: string
  readonly isDead: (owner: string) => Promise<boolean>
  /** What the operator says of fields, as of now. */
  readonly classification: () => Classification
}

/** What is kept of an answer; `rules` are those that it was redacted by. */
type Kept =
  | (Pick<GoodAnswer, 'ok' | 'records' | 'notes'> & { readonly rules?: string })
  | { readonly ok: false; readonly failure: Failure }

/** As long as the draft of the IETF's Idempotency-Key header leaves to the server, and as Stripe keeps its keys. */
const KEY_LIFETIME_MS = 86_400_000
/** Some agent frameworks repeat a timed-out create by themselves, without a key, within this time. */
const UNKEYED_CREATE_MS = 60_000
/** A call has 9.5 s; whoever has not reported after this long never will. */
const LONGEST_CALL_MS = 15_000
/**
 * Of one URL at a time, so that whoever finds a URL cannot fill the disk. A model that thinks between two writes makes
 * one in some ten seconds, 10,000 in a day and a night; the largest answers make that some tens of megabytes.
 */
export const MOST_REMEMBERED = 10_000

/** Remembers writes that carry an idempotency key for 24 h, and creates without one for a minute. */
export function idempotency(deps: IdempotencyDeps): Guard<'idempotency', WriteCall, object, 'dryRun'> {
  const { store, ring, now } = deps
  const run = async (call: WriteCall, next: Next<object>): Promise<Answer> => {
    const { tool, writeOptions } = call
    if (isRead(tool.method.kind)) return next()
    const key = writeOptions.idempotencyKey
    if (key === undefined && tool.method.kind !== 'create') return next()
    const print = fingerprintOf(ring, call)
    if (!print) throw new TypeError('the sealing key is always in the ring')
    const { server } = call.access
    const id = key === undefined ? nameOfWrite(server.id, 'same', print.digest) : nameOfWrite(server.id, 'key', key)
    const startedAt = now()
    const expiresAt = startedAt + (key === undefined ? UNKEYED_CREATE_MS : KEY_LIFETIME_MS)
    const own = { id, tenant: server.tenant, serverId: server.id }
    const write = { ...own, ...print, owner: deps.owner, startedAt, expiresAt }
    const earlier = await store.begin(write, MOST_REMEMBERED)
    if (earlier && 'limitReachedUntil' in earlier) return refuse(limitReached(earlier.limitReachedUntil - startedAt))
    if (earlier) return repeated(deps, call, earlier, key !== undefined)
    // Read before, so that an answer never counts as redacted by rules that came after it.
    const rules = rulesOf(deps, call)
    const answer = await next()
    await settle(deps, write, answer, rules)
    return answer
  }
  return { name: 'idempotency', after: ['dryRun'], run }
}

async function settle(
  { store, ring }: IdempotencyDeps,
  write: Omit<IdempotentWrite, 'sealed'>,
  answer: Answer,
  rules: string,
): Promise<void> {
  if (!answer.ok && answer.failure.code !== 'outcome_unknown') return store.forget(write.id)
  const kept: Kept = answer.ok
    ? { ok: true, rules, records: answer.records, ...(answer.notes ? { notes: answer.notes } : {}) }
    : { ok: false, failure: answer.failure }
  const { kid, sealed } = seal(ring, sealContextOf(write), Buffer.from(JSON.stringify(kept)))
  await store.finish(write.id, kid, sealed)
}

async function repeated(
  deps: IdempotencyDeps,
  call: WriteCall,
  earlier: IdempotentWrite,
  keyed: boolean,
): Promise<Answer> {
  const { ring, now } = deps
  if (keyed && fingerprintOf(ring, call, earlier.kid)?.digest !== earlier.digest) return refuse(mismatch())
  if (!earlier.sealed) {
    const stopped = now() - earlier.startedAt > LONGEST_CALL_MS || (await deps.isDead(earlier.owner))
    return refuse(stopped ? interrupted() : underWay())
  }
  const opened = open(ring, sealContextOf(earlier), earlier.sealed)
  if (!opened) return refuse(interrupted())
  const kept = JSON.parse(Buffer.from(opened).toString('utf8')) as Kept
  if (!kept.ok) return { ...kept, quotas: [] }
  const ago = Math.max(0, Math.round((now() - earlier.startedAt) / 1_000))
  const note = keyed
    ? 'Nothing was changed now: this is the answer to the earlier call with the same idempotency key.'
    : `Nothing was created now: the same create was made ${ago} s ago, and this is its answer.`
  const shown = kept.rules === rulesOf(deps, call) ? kept : idsOf(deps, call, kept.records)
  return { ok: true, records: shown.records, notes: [...(shown.notes ?? []), note], quotas: [], did: 'replayed' }
}

function classesOf({ classification }: IdempotencyDeps, { tool, access: { account } }: ToolCall): FieldClasses {
  return classification().of(account.tenant, account.system, tool.method.resource)
}

/** A digest of everything that decides what is shown of the record: two that are equal show the same. */
function rulesOf(deps: IdempotencyDeps, call: ToolCall): string {
  const { fields, custom } = classesOf(deps, call)
  const { classes } = records[call.tool.method.record]
  const rules = [classes, call.access.policy, sortedEntries(fields), sortedEntries(custom)]
  return createHash('sha256').update(JSON.stringify(rules), 'utf8').digest('base64url')
}

/** All that can be shown of what was redacted by other rules: the ids, where ids are shown as they are today. */
function idsOf(deps: IdempotencyDeps, call: ToolCall, kept: readonly CanonicalRecord[]) {
  const { classes } = records[call.tool.method.record]
  const view = viewOf(classes, call.access.policy, classesOf(deps, call)).members.get('id')
  const isOpen = view !== undefined && isRule(view) && view.action === 'keep'
  const note =
    'Only the id is told: what may be shown of this record has changed since. Read the record to see it as it may be shown now.'
  return { records: kept.map(({ id }) => (isOpen && id !== undefined ? { id } : {})), notes: [note] }
}

function sealContextOf({ id, tenant }: Pick<IdempotentWrite, 'id' | 'tenant'>): SealContext {
  return { purpose: `writes|${tenant}`, context: id }
}

function mismatch(): Failure {
  return fail(
    'idempotency_mismatch',
    'Cannot make the call: its idempotency key was used for another call',
    'Use a new key for a new change. Nothing was changed.',
  )
}

function underWay(): Failure {
  return fail('in_progress', 'Cannot make the call yet: the same change is being made now', 'Wait, then repeat it.', {
    retryAfterS: 2,
  })
}

function limitReached(waitMs: number): Failure {
  return fail(
    'conflict',
    `Cannot make the call: ${MOST_REMEMBERED} writes of this URL are remembered already, and another could not be`,
    'Do not repeat the call now. Nothing was changed. Wait, or update without an idempotency key, or use another URL.',
    { retryAfterS: waitMs / 1_000 },
  )
}

function interrupted(): Failure {
  return fail(
    'outcome_unknown',
    'Cannot tell whether the change was made: the first call for it was interrupted',
    'Do not repeat the call. Read the record to see whether the change was made.',
  )
}
