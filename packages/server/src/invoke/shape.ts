/**
 * @module
 * The tools of a URL as its accounts have them: with their picklists, without what cannot be written there, with their
 * own fields as far as the role may write or see them. A system that does not say in time, or not at all, costs its account this and nothing else.
 */
import {
  type AccountField,
  type Connector,
  type FieldSource,
  type Method,
  shapeConnector,
} from '@quartermaster/connectors'
import { policies } from '@quartermaster/protocol'
import { toolHashOf } from '../audit/shape.ts'
import type { Classification } from '../policy/classification.ts'
import { showsCustomFields } from '../policy/view.ts'
import type { IntegratedAccount } from '../tenants/account.ts'
import type { Seat } from '../tools/offer.ts'
import { shapeTools } from '../tools/shape-tools.ts'
import type { Tool } from '../tools/tool.ts'
import type { AccessToken, TokenSource } from '../vault/token-source.ts'
import type { AccountFields } from './account-fields.ts'
import { authorizedWay, type WayParts } from './authorized.ts'
import { within } from './budget.ts'
import type { Access, Guard } from './call.ts'

export interface ShapeParts extends WayParts {
  readonly tokens: TokenSource
  readonly fields: AccountFields
  readonly classification: () => Classification
  readonly now: () => number
}

/**
 * Gives the access with its tools shaped. Never rejects.
 *
 * @param outside Runs what waits for a system, where somebody counts how long our own parts take.
 * @param needs When no account has fields that matter to this method, the access stays as it is.
 */
export type Shape = (access: Access, outside?: Outside, needs?: Method) => Promise<Access>

type Outside = <T>(work: () => Promise<T>) => Promise<T>

export interface Shaper {
  readonly shape: Shape
  /** The connector as the account has it, as far as these tools need, filters aside. Never rejects. */
  connectorFor(seat: Pick<Seat, 'account' | 'connector' | 'tools'>): Promise<Connector>
}

/** As long as a list of tools may wait for a system, once per account and resource. */
const PATIENCE_MS = 3_000
/** A question has the time of a call. */
const QUESTION_MS = 9_500
/** A system that has just not answered is left alone. */
const REST_MS = 60_000
const MAX_RESTING = 4_000
const MAX_SHAPED = 500

export function shaper(parts: ShapeParts): Shaper {
  const resting = new Map<string, number>()
  const shaped = new Map<string, { readonly of: Connector; readonly by: Fields; readonly is: Connector }>()

  async function ask({ account }: Place, { source, method }: Question): Promise<void> {
    const key = `${account.id}|${source.resource}`
    if (account.status !== 'active' || (resting.get(key) ?? 0) > parts.now()) return
    const { now, tokens, fields, quota } = parts
    const budget = { giveUpAt: now() + QUESTION_MS, now, signal: new AbortController().signal }
    const put = async (token: AccessToken) => {
      const connection = { base: token.apiBase, now: now() }
      const way = { authorized: authorizedWay(parts, account, token, budget), tokenVer: token.ver }
      const sent = { url: source.prepare(connection).url, at: now() }
      const found = await fields.of(account, { method, source, input: { args: {} } }, connection, way)
      if ('refused' in found) await quota.hear(account, sent, found.refused)
      return found
    }
    try {
      const token = await within(budget, tokens.token(account))
      const first = await put(token)
      const isRejected = 'refused' in first && first.refused.unauthorized === true
      const found = isRejected ? await put(await within(budget, tokens.token(account, token.ver))) : first
      if ('fields' in found && found.fields.length > 0) return
    } catch {
      // Whatever it is, a call will meet it too, and can say so.
    }
    if (resting.size >= MAX_RESTING) resting.clear()
    resting.set(key, now() + REST_MS)
  }

  async function learn(seat: Place, outside: Outside, seesOwn: SeesOwn): Promise<Fields> {
    const questions = questionsOf(seat.tools).filter(
      ({ source, isAboutOwn }) => !isAboutOwn || seesOwn(source.resource),
    )
    const known = ({ source }: Question) => parts.fields.known(seat.account, source)
    const asked = questions.filter((question) => known(question)?.isFresh !== true)
    const waited = asked.filter((question) => known(question) === undefined)
    const answers = new Map(asked.map((question) => [question, ask(seat, question)]))
    if (waited.length > 0) {
      const { now } = parts
      const budget = { giveUpAt: now() + PATIENCE_MS, now, signal: new AbortController().signal }
      const all = Promise.all(waited.map((question) => answers.get(question)))
      await outside(() => within(budget, all)).catch(() => undefined)
    }
    return new Map(
      questions.flatMap((question) => {
        const entry = known(question)
        return entry ? [[question.source.resource, entry.fields] as const] : []
      }),
    )
  }

  /** One connector for as long as an account's fields stay as they are, so that its tools are derived once. */
  function shapedFor({ account, connector }: Place, by: Fields): Connector {
    const known = shaped.get(account.id)
    if (known && known.of === connector && areSame(known.by, by)) return known.is
    // Another URL may have asked about other resources before: what is known is kept together.
    const all = known && known.of === connector ? new Map([...known.by, ...by]) : by
    if (known && known.of === connector && areSame(known.by, all)) return known.is
    const is = shapeConnector(connector, all)
    shaped.delete(account.id)
    shaped.set(account.id, { of: connector, by: all, is })
    const [oldest] = shaped.keys()
    if (shaped.size > MAX_SHAPED && oldest !== undefined) shaped.delete(oldest)
    return is
  }

  async function connectorFor(
    place: Place,
    outside: Outside = atOnce,
    sees: SeesOwn = () => false,
  ): Promise<Connector> {
    const by = await learn(place, outside, sees)
    return by.size === 0 ? place.connector : shapedFor(place, by)
  }

  async function shape(access: Access, outside: Outside = atOnce, needs?: Method): Promise<Access> {
    const { server, seats = [] } = access
    const configs = [server.config, ...(server.wider ?? [])] as const
    const classification = parts.classification()
    const sees = ({ tenant, system }: IntegratedAccount): SeesOwn => {
      const shows = (resource: string) => classification.of(tenant, system, resource)
      return (resource) => configs.every(({ pii }) => showsCustomFields(policies[pii], shows(resource)))
    }
    const matters = ({ shapedBy, filtersOwn }: Method) =>
      shapedBy !== undefined ||
      (filtersOwn !== undefined && seats.some(({ account }) => sees(account)(filtersOwn.resource)))
    if (!(needs ? [needs] : access.tools.map(({ method }) => method)).some(matters)) return access
    const rich = await Promise.all(
      seats.map(async (seat) => ({ ...seat, shaped: await connectorFor(seat, outside, sees(seat.account)) })),
    )
    const offered = { configs, tools: access.tools, above: access.above ?? [] }
    return { ...access, tools: shapeTools(server.id, offered, rich) }
  }

  return { shape, connectorFor }
}

/** Replaces the tool that `authorize` found by the account's own, when its fields make a difference to it. */
export function shape(shaped: Shape): Guard {
  return (next) => async (call) => {
    const { tool, trace } = call
    if (!tool) return next(call)
    const access = await shaped(call.access, trace?.patience.outside, tool.method)
    if (access === call.access) return next(call)
    const own = access.tools.find(({ name }) => name === tool.name) ?? tool
    if (trace) trace.toolHash = toolHashOf(own)
    return next({ ...call, access, tool: own })
  }
}

const atOnce: Outside = (work) => work()

type Place = Pick<Seat, 'account' | 'connector' | 'tools'>
type Fields = ReadonlyMap<string, readonly AccountField[]>
/** Whether any own field of the resource is shown. */
type SeesOwn = (resource: string) => boolean

interface Question {
  readonly source: FieldSource
  readonly method: Method
  /** Only filters by own fields need the answer: who sees none of these needs none. */
  readonly isAboutOwn: boolean
}

const questions = new WeakMap<readonly Tool[], readonly Question[]>()

/** What must be known of an account for these tools, each once. */
function questionsOf(tools: readonly Tool[]): readonly Question[] {
  const known = questions.get(tools)
  if (known) return known
  const bySource = new Map<FieldSource, Question>()
  for (const { method } of tools) {
    const source = method.shapedBy ?? method.filtersOwn
    const isAboutOwn = method.shapedBy === undefined
    const before = source && bySource.get(source)
    if (source && (!before || (before.isAboutOwn && !isAboutOwn))) bySource.set(source, { source, method, isAboutOwn })
  }
  const asked = [...bySource.values()]
  questions.set(tools, asked)
  return asked
}

function areSame(one: Fields, other: Fields): boolean {
  return one.size === other.size && [...one].every(([resource, fields]) => other.get(resource) === fields)
}
