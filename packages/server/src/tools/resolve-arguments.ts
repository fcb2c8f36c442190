/**
 * @module
 * Pseudonyms in arguments become what they stand for, and only where that tells the caller nothing: a value that a role
 * may not read is never put where the role could read it back.
 */
import type { InputField, MethodInput } from '@quartermaster/connectors'
import { type PiiAction, type PiiClass, type Policy, records } from '@quartermaster/protocol'
import { classOfKind, isIdKind } from '../policy/field-kind.ts'
import { type Pseudonyms, pseudonymPattern } from '../policy/pseudonyms.ts'
import type { Tool } from './tool.ts'

export interface Resolution {
  readonly policy: Policy
  /** The URL may have pseudonyms resolved. */
  readonly granted: boolean
  readonly accountId: string
  /** Of the caller's tenant; undefined when nothing of this call needs them, and then none opens. */
  readonly pseudonyms: Pseudonyms | undefined
}

export type Resolved =
  | { readonly ok: true; readonly input: MethodInput }
  /** Names of arguments that take a pseudonym only, and were given something else. */
  | { readonly ok: false; readonly faults: readonly string[] }

/** True when a call under this policy can have to do with pseudonyms. */
export function usesPseudonyms(policy: Policy, granted: boolean): boolean {
  return granted || Object.values<PiiAction>(policy).includes('pseudonym')
}

/**
 * Replaces pseudonyms in `input`. Where a role sees pseudonyms it may name nothing but a pseudonym: a guessed id or
 * address would otherwise tell whether it exists, and what its pseudonym is. A token that does not open is an unknown
 * value like any other.
 */
export function resolveArguments({ method }: Tool, input: MethodInput, resolution: Resolution): Resolved {
  const { policy, granted, accountId, pseudonyms } = resolution
  if (!usesPseudonyms(policy, granted)) return { ok: true, input }
  const scope = (kind: string) => (isIdKind(kind) ? accountId : '')
  const faults: string[] = []

  function resolve(name: string, text: string, classes: readonly PiiClass[], target: PiiClass | undefined): string {
    if (classes.some((piiClass) => policy[piiClass] === 'pseudonym')) {
      const found = granted ? pseudonyms?.reveal(text.trim(), scope) : undefined
      if (!found) faults.push(name)
      return found?.value ?? text
    }
    if (!granted || !text.includes('psn_')) return text
    return text.replace(pseudonymPattern(), (token) => {
      const found = pseudonyms?.reveal(token, scope)
      return found && tellsNothing(policy, found.kind, target) ? found.value : token
    })
  }

  const args = Object.fromEntries(
    Object.entries(input.args).map(([name, value]) => {
      if (typeof value !== 'string') return [name, value]
      const field = method.input.find((one) => one.name === name)
      return [name, field ? resolve(name, value, field.filters, writtenClass(method.record, field)) : value]
    }),
  )
  // A method that reads many records at once carries their ids beside the other arguments.
  const ids = (input as { readonly ids?: readonly string[] }).ids
  const classes = input.id === undefined && ids === undefined ? [] : idClasses(method)
  const batch = ids === undefined ? {} : { ids: ids.map((one) => resolve('ids', one, classes, undefined)) }
  const id = input.id === undefined ? {} : { id: resolve('id', input.id, classes, undefined) }
  return faults.length > 0
    ? { ok: false, faults: [...new Set(faults)] }
    : { ok: true, input: { ...input, ...id, ...batch, args } }
}

/** The classes of a record's own id. */
export function idClasses({
  record,
  idFilters = [],
}: Pick<Tool['method'], 'record' | 'idFilters'>): readonly PiiClass[] {
  const { id } = records[record].classes as { readonly id?: PiiClass }
  return [id ?? 'linkable', ...idFilters]
}

/** The role may read such a value anyway, or cannot read the place that it is written to. */
function tellsNothing(policy: Policy, kind: string, target: PiiClass | undefined): boolean {
  if (policy[classOfKind(kind)] === 'keep') return true
  const treatment = target && policy[target]
  return treatment === 'pseudonym' || treatment === 'strip'
}

/** What a write puts into this argument, when its name says so for certain. */
function writtenClass(record: Tool['method']['record'], { name, filters }: InputField): PiiClass | undefined {
  if (filters.length > 0) return undefined
  const { classes } = records[record] as { readonly classes: { readonly [field: string]: unknown } }
  const own = Object.hasOwn(classes, name) ? classes[name] : undefined
  if (typeof own === 'string') return own as PiiClass
  if (/(?:^|_)(?:email|phone)(?:_|$)/.test(name)) return 'contact'
  const referred = name.endsWith('_id') ? classes[name.slice(0, -3)] : undefined
  const ofId = referred as { readonly id?: PiiClass } | undefined
  return ofId?.id
}
