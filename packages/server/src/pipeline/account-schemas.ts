/**
 * @module
 * The tools of a URL as its accounts have them: with their picklists, without what cannot be written there, with their
 * custom fields as far as the role may write or see them. A system that does not say in time, or not at all, costs its account this and nothing else.
 */
import {
  type AccountField,
  type Connector,
  connectorForAccount,
  type FieldSource,
  type Method,
} from '@quartermaster/connectors'
import { policies } from '@quartermaster/protocol'
import { LRUCache } from 'lru-cache'
import type { IntegratedAccount } from '../entities/account.ts'
import type { Classification } from '../policy/classification.ts'
import { showsCustomFields } from '../policy/view.ts'
import { deadline, systemTimer, type Timer } from '../time/deadline.ts'
import { applySchemaToTools } from '../tools/apply-schema-to-tools.ts'
import type { AccountBinding } from '../tools/offer.ts'
import type { Tool } from '../tools/tool.ts'
import type { Access } from './call.ts'
import { type FieldQuestionDeps, fieldQuestions, type Question } from './field-questions.ts'

export interface AccountSchemaDeps extends FieldQuestionDeps {
  readonly classification: () => Classification
  /** Records that an account's fields are asked for without a call; rejects when that cannot be recorded. */
  readonly recordAsked: (account: IntegratedAccount, by: Asker) => Promise<void>
  /** Default: the machine's. */
  readonly timer?: Timer
}

/** Who makes the server ask: the id of a token or URL, and of the URL when there is one. */
export interface Asker {
  readonly actor: string
  readonly serverId?: string
}

/** Applies the schemas of the accounts to the tools: for a list, or for `call`. Never rejects. */
export type ApplyAccountSchema = (access: Access, call?: CallAsking) => Promise<Access>

/** What asking a system on the way of a call needs. */
export interface CallAsking {
  /** Nothing is asked for that does not change it. */
  readonly method: Method
  /** Called before anything is asked; rejects when it cannot be recorded, and then nothing is asked. */
  readonly record: () => Promise<void>
  /** Runs what waits for a system, where somebody counts how long our own parts take. */
  readonly outside: <T>(work: () => Promise<T>) => Promise<T>
}

export interface AccountSchemas {
  readonly apply: ApplyAccountSchema
  /** The connector as the account has it, as far as these tools need, filters aside. Never rejects. */
  connectorFor(place: Place, by: Asker): Promise<Connector>
}

/** Clients give up a connection after three seconds, its introduction included. */
const LIST_TIMEOUT_MS = 1_500
/** A call waits longer: what its tool cannot take would be left out of a write. */
const CALL_TIMEOUT_MS = 3_000
const MAX_SLOW = 4_000
const MAX_KEPT = 500

export function accountSchemas(deps: AccountSchemaDeps): AccountSchemas {
  const { fields, timer = systemTimer } = deps
  /** Accounts whose system a list has waited for in vain, until it says something: nobody lists and waits for it again. */
  const slow = new LRUCache<string, true>({ max: MAX_SLOW })
  const asking = fieldQuestions(deps, ({ id }) => slow.delete(id))
  const kept = new LRUCache<string, { readonly of: Connector; readonly by: Fields; readonly is: Connector }>({
    max: MAX_KEPT,
  })

  async function learnForCall(account: IntegratedAccount, wanted: Questions, waited: Questions, call: CallAsking) {
    let recorded: Promise<boolean> | undefined
    const record = () =>
      call.record().then(
        () => true,
        () => false,
      )
    asking.ask(account, wanted, async () => {
      recorded = record()
      if (!(await recorded)) throw new Error('Cannot ask: it could not be recorded')
    })
    const over = asking.over(account, waited)
    // What somebody else asks is recorded for this call as well, before it waits; and that is our own time. Only what comes
    // then is the system's, and without anything to wait for none is.
    const isRecorded = await (recorded ?? (over && record()))
    if (over && isRecorded) await call.outside(() => inTime(timer, CALL_TIMEOUT_MS, over))
  }

  async function learnForList(account: IntegratedAccount, wanted: Questions, waited: Questions, by: Asker) {
    asking.ask(account, wanted, () => deps.recordAsked(account, by))
    const over = asking.over(account, waited)
    if (!over || slow.has(account.id) || (await inTime(timer, LIST_TIMEOUT_MS, over))) return
    slow.set(account.id, true)
  }

  async function learn({ account, tools }: Place, { by, call, seesCustomFields }: Asking): Promise<Fields> {
    const questions = questionsOf(tools).filter(
      ({ source, isAboutCustomFields }) => !isAboutCustomFields || seesCustomFields(source.resource),
    )
    const known = ({ source }: Question) => fields.known(account, source)
    const only = call && sourceOf(call.method)?.resource
    const isWanted = ({ source }: Question) => call === undefined || source.resource === only
    const wanted = questions.filter((question) => isWanted(question) && known(question)?.isFresh !== true)
    const waited = wanted.filter((question) => known(question) === undefined)
    if (call) await learnForCall(account, wanted, waited, call)
    else await learnForList(account, wanted, waited, by)
    return new Map(
      questions.flatMap((question) => {
        const entry = known(question)
        return entry ? [[question.source.resource, entry.fields] as const] : []
      }),
    )
  }

  /** One connector for as long as an account's fields stay as they are, so that its tools are derived once. */
  function connectorOf({ account, connector }: Place, by: Fields): Connector {
    const known = kept.get(account.id)
    if (known && known.of === connector && areSame(known.by, by)) return known.is
    // Another URL may have asked about other resources before: what is known is kept together.
    const all = known && known.of === connector ? new Map([...known.by, ...by]) : by
    if (known && known.of === connector && areSame(known.by, all)) return known.is
    const is = connectorForAccount(connector, all)
    kept.set(account.id, { of: connector, by: all, is })
    return is
  }

  async function connectorFor(place: Place, asks: Asking): Promise<Connector> {
    const known = await learn(place, asks)
    return known.size === 0 ? place.connector : connectorOf(place, known)
  }

  async function apply(access: Access, call?: CallAsking): Promise<Access> {
    const { server, bindings = [] } = access
    const configs = [server.config, ...(server.ancestorConfigs ?? [])] as const
    const classification = deps.classification()
    const seesCustomFields = ({ tenant, system }: IntegratedAccount): SeesCustomFields => {
      const shows = (resource: string) => classification.of(tenant, system, resource)
      return (resource) => configs.every(({ pii }) => showsCustomFields(policies[pii], shows(resource)))
    }
    const matters = ({ accountSchema, filtersCustomFields }: Method) =>
      accountSchema !== undefined ||
      (filtersCustomFields !== undefined &&
        bindings.some(({ account }) => seesCustomFields(account)(filtersCustomFields.resource)))
    if (!(call ? [call.method] : access.tools.map(({ method }) => method)).some(matters)) return access
    const by = { actor: access.actor ?? server.id, serverId: server.id }
    const rich = await Promise.all(
      bindings.map(async (binding) => {
        const asks = { by, seesCustomFields: seesCustomFields(binding.account), ...(call ? { call } : {}) }
        return { ...binding, forAccount: await connectorFor(binding, asks) }
      }),
    )
    const offered = { configs, tools: access.tools, ancestorLimits: access.ancestorLimits ?? [] }
    return { ...access, tools: applySchemaToTools(server.id, offered, rich) }
  }

  return { apply, connectorFor: (place, by) => connectorFor(place, { by, seesCustomFields: () => false }) }
}

/** Whether `work` was over in time; it goes on without being waited for. */
function inTime(timer: Timer, ms: number, work: Promise<void>): Promise<boolean> {
  return deadline(work, ms, { timer }).then(
    () => true,
    () => false,
  )
}

type Place = Pick<AccountBinding, 'account' | 'connector' | 'tools'>
type Questions = readonly Question[]
type Fields = ReadonlyMap<string, readonly AccountField[]>
/** Whether any custom field of the resource is shown. */
type SeesCustomFields = (resource: string) => boolean

/** What is asked for whom: `call` when it is on the way of one. */
interface Asking {
  readonly by: Asker
  readonly seesCustomFields: SeesCustomFields
  readonly call?: CallAsking
}

interface FieldQuestion extends Question {
  /** Only filters by custom fields need the answer: who sees none of these needs none. */
  readonly isAboutCustomFields: boolean
}

/** Where it stands what an account's fields change of the method. */
export function sourceOf({ accountSchema, filtersCustomFields }: Method): FieldSource | undefined {
  return accountSchema ?? filtersCustomFields
}

const questions = new WeakMap<readonly Tool[], readonly FieldQuestion[]>()

/** What must be known of an account for these tools, each once. */
function questionsOf(tools: readonly Tool[]): readonly FieldQuestion[] {
  const known = questions.get(tools)
  if (known) return known
  const bySource = new Map<FieldSource, FieldQuestion>()
  for (const { method } of tools) {
    const source = sourceOf(method)
    const isAboutCustomFields = method.accountSchema === undefined
    const before = source && bySource.get(source)
    if (source && (!before || (before.isAboutCustomFields && !isAboutCustomFields)))
      bySource.set(source, { source, method, isAboutCustomFields })
  }
  const asked = [...bySource.values()]
  questions.set(tools, asked)
  return asked
}

function areSame(one: Fields, other: Fields): boolean {
  return one.size === other.size && [...one].every(([resource, fields]) => other.get(resource) === fields)
}
