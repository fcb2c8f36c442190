/**
 * @module
 * Whether a role may ask about something: by filter, sort, group or id, all of which are ways of reading it.
 */
import type { InputField, MethodInput } from '@quartermaster/connectors'
import { mayFilterBy, type PiiAction, type PiiClass, type Policy } from '@quartermaster/protocol'

/** What a question reads. */
export interface Asked {
  readonly filters: readonly PiiClass[]
  /** The strictest treatment that is put over it, whoever asks; nothing when left out. */
  readonly ceiling?: PiiAction
}

/** True when every class of it, and what is put over it, is open to the role. */
export function mayAsk(
  policy: Policy,
  { filters, ceiling = 'keep' }: Asked,
  grant: { readonly resolvesPseudonyms?: boolean } = {},
): boolean {
  const isOpen = ceiling === 'keep' || (ceiling === 'pseudonym' && grant.resolvesPseudonyms === true)
  return isOpen && filters.every((piiClass) => mayFilterBy(policy, piiClass, grant))
}

/** The parts of these searches that the role may not ask about; the searches leave them out. */
export function hiddenParts(policy: Policy, input: readonly InputField[]): Pick<MethodInput, 'hidden'> {
  const parts = input.flatMap(({ narrows = [] }) => narrows).filter((one) => !mayAsk(policy, one))
  return parts.length > 0 ? { hidden: [...new Set(parts.map(({ part }) => part))] } : {}
}
