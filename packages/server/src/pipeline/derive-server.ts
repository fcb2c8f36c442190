/**
 * @module
 * `POST /mcp/:token/narrow`: the holder of a URL makes a weaker one for somebody else, such as a sub-agent, without an
 * administrator.
 */
import { type IssuedMcpServer, plainName } from '@quartermaster/protocol'
import { z } from 'zod'
import type { EventRecorder } from '../audit/event.ts'
import { deriveConfig, derivedConfigInput } from '../entities/derive-config.ts'
import { Problem } from '../http/problem.ts'
import { readJson } from '../http/read-json.ts'
import { hashToken, newRequestId, newServerId, newUrlToken } from '../keys/tokens.ts'
import type { Store } from '../store/open.ts'
import type { AccountBinding } from '../tools/offer.ts'
import { type LeftOut, urlOffer } from '../tools/url-offer.ts'
import type { Access } from './call.ts'
import type { InboundGate } from './inbound-limit.ts'
import { renderFailure } from './render.ts'

export interface DeriveServerDeps {
  readonly store: Pick<Store, 'servers'>
  readonly events: EventRecorder
  /** The one that calls of the URL pass. */
  readonly inbound: InboundGate
  readonly now: () => number
  readonly publicUrl: () => string
}

/** The answer to a narrowing: `url` and `token` are shown this once. */
export interface DerivedMcpServer extends IssuedMcpServer {
  readonly parent_id: string
  readonly tools: readonly string[]
  /** What its limits, or those of its ancestors, left out. */
  readonly left_out: readonly LeftOut[]
}

const order = z.strictObject({
  /** The parent's when left out. */
  name: plainName.optional(),
  config: derivedConfigInput.prefault({}),
  /** Some of the parent's accounts; all of them when left out. */
  account_ids: z.array(z.string().max(64)).min(1).max(16).optional(),
})

type DeriveServer = (request: Request, access: Access, urlToken: string) => Promise<Response>

/** The handler; whoever calls it has found the access, second factor included. It is limited as calls are. */
export function deriveServer(deps: DeriveServerDeps): DeriveServer {
  const derive = unlimited(deps)
  return async (request, access, urlToken) => {
    const { server, actor = server.id } = access
    const entered = deps.inbound.enter(server)
    if ('refusal' in entered) {
      const { tenant, id: subject } = server
      await deps.events.counted({ event: 'url.narrowed', tenant, actor, subject, outcome: 'rate_limited' })
      const { failure, quotas } = entered.refusal
      const { text, status, headers } = renderFailure(newRequestId(), failure, quotas)
      return new Response(text, { status, headers: { 'content-type': 'application/json', ...headers } })
    }
    try {
      return await derive(request, access, urlToken)
    } finally {
      entered.leave()
    }
  }
}

function unlimited(deps: DeriveServerDeps): DeriveServer {
  return async (request, access, urlToken) => {
    const { server: parent } = access
    const body = await readJson(request, order)
    const now = deps.now()
    const derived = deriveConfig(parent, body.config, now)
    if (!derived.ok) throw new Problem(400, `A derived URL can only be narrower. ${derived.faults.join(' ')}`)
    const { config, ancestorConfigs, expiresAt } = derived
    const bindings = chosen(access, body.account_ids)
    const offer = urlOffer(bindings, config, { configs: ancestorConfigs, offered: access.tools })
    if (!offer.ok) throw new Problem(400, `A derived URL needs tools of this one. ${offer.because}`)
    const [first, ...others] = bindings.map(({ account }) => account.id)
    if (first === undefined) throw new Problem(400, 'None of these accounts is of this URL.')
    const token = newUrlToken()
    const { tenant } = parent
    const server = {
      id: newServerId(),
      tenant,
      accountId: first,
      ...(others.length > 0 ? { otherAccountIds: others } : {}),
      name: body.name ?? parent.name,
      config,
      ancestorConfigs,
      parentId: parent.id,
      createdAt: now,
      expiresAt,
      revokedAt: undefined,
    }
    const actor = access.actor ?? parent.id
    const event = { event: 'url.narrowed', tenant, actor, accountId: first, subject: parent.id } as const
    const made = await deps.events.around(
      event,
      async () => {
        const parentNow = { id: parent.id, tokenHash: hashToken(urlToken) }
        const outcome = await deps.store.servers.derive({ server, tokenHash: hashToken(token), parent: parentNow }, now)
        if (outcome === 'ended') throw new Problem(409, 'This URL has just ended.')
        if (outcome === 'too_many') {
          throw new Problem(429, 'Too many URLs derived from this one work already. Use one of them, or wait.', {
            'retry-after': '60',
          })
        }
        return outcome
      },
      () => ({ serverId: server.id }),
    )
    const issued: DerivedMcpServer = {
      id: server.id,
      name: server.name,
      config,
      url: `${deps.publicUrl()}/mcp/${token}`,
      token,
      expires_at: new Date(made.expiresAt).toISOString(),
      parent_id: parent.id,
      tools: offer.tools.map(({ name }) => name),
      left_out: offer.leftOut,
    }
    return Response.json(issued, { status: 201 })
  }
}

/** @throws Problem 400 for an account that the URL does not have, whether or not there is one of that id. */
function chosen({ bindings = [] }: Access, ids: readonly string[] | undefined): readonly AccountBinding[] {
  const unknown = ids?.find((id) => !bindings.some(({ account }) => account.id === id))
  if (unknown !== undefined) throw new Problem(400, 'account_ids holds an account that is not one of this URL.')
  return ids ? bindings.filter(({ account }) => ids.includes(account.id)) : bindings
}
