/**
 * @module
 * What kind of thing a field holds, for its pseudonym: the same kind wherever the same thing stands, so that records
 * can be joined by it.
 */
import { isRecordName, type PiiClass } from '@quartermaster/protocol'

/** Members that refer to a record by the part it plays. */
const roles: Readonly<Record<string, string>> = {
  owner: 'user',
  assignee: 'user',
  creator: 'user',
  author: 'user',
  manager: 'user',
  requester: 'contact',
  company: 'account',
  deal: 'opportunity',
}

/** Where a value stands. */
export interface FieldPlace {
  /** The canonical record. */
  readonly record: string
  /** The member that the field is in; undefined at the top of the record. */
  readonly within: string | undefined
  readonly field: string
  /** What the surrounding object says of itself (`type: contact`), if it does. */
  readonly type?: unknown
}

/** For ids the record they are the id of, else what the value is. */
export function fieldKind(place: FieldPlace, piiClass: PiiClass): string {
  const { field } = place
  if (piiClass === 'linkable') return recordOf(place)
  if (field === 'email' || field === 'username') return 'email'
  if (field === 'number' || field === 'phone') return 'phone'
  if (piiClass === 'identity') return 'name'
  return piiClass === 'contact' ? 'address' : 'value'
}

/** True for kinds of ids: they mean something in one account only. */
export function isIdKind(kind: string): boolean {
  return kind === 'id' || isRecordName(kind)
}

/** The class of what a kind stands for; the strictest where a kind does not say. */
export function classOfKind(kind: string): PiiClass {
  if (isIdKind(kind)) return 'linkable'
  if (kind === 'name') return 'identity'
  return kind === 'email' || kind === 'phone' || kind === 'address' ? 'contact' : 'sensitive'
}

function recordOf({ record, within, field, type }: FieldPlace): string {
  if (typeof type === 'string' && isRecordName(type)) return type
  const word = field === 'id' ? (within ?? record) : field.replace(/_id$/, '')
  const candidates = [word, word.replace(/ies$/, 'y'), word.replace(/s$/, '')]
  const named = candidates.map((one) => roles[one] ?? one).find(isRecordName)
  if (named) return named
  return word === 'parent' ? record : 'id'
}
