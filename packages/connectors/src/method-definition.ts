/**
 * @module
 * Everything that a method of a connector is made of, resolved and compiled.
 */
import type { AccountField } from './account-field.ts'
import type { RequestTemplate } from './build-request.ts'
import type { Argument } from './check-arguments.ts'
import type { ErrorRule } from './classify-failure.ts'
import type { QuotaFile } from './connector-file.ts'
import type { Method } from './contract.ts'
import type { Expression } from './expression.ts'
import type { IdTest } from './id-shape.ts'
import type { SuccessReader } from './read-success.ts'

export interface MethodDefinition {
  readonly facts: Omit<Method, 'prepare' | 'read' | 'forAccount'>
  readonly label: string
  /** What the method does, in words: `update the contact`. */
  readonly action: string
  readonly arguments: readonly Argument[]
  /** The caller's name of a field that is written, to the system's. */
  readonly sets: ReadonlyMap<string, string>
  /** Arguments whose values are a picklist of the account, and the system's name of the field. */
  readonly picklists: ReadonlyMap<string, string>
  readonly fieldNames: ReadonlyMap<string, string>
  /** Makes the condition of one custom field filter; absent when the method takes none. */
  readonly customFieldFilter?: Expression
  /** Arguments that filter by one of the account's custom fields, once they are known. */
  readonly customFieldFilters: ReadonlyMap<string, Pick<AccountField, 'name' | 'type'>>
  readonly needsId: boolean
  readonly isId: IdTest
  /** What tells two ids apart. */
  readonly idKey: (id: string) => string
  readonly isKey?: IdTest
  readonly request: RequestTemplate
  readonly reader: SuccessReader
  readonly errors: readonly ErrorRule[]
  readonly quota: QuotaFile
}
