/**
 * @module
 * A connector as one account has it: the same methods, shaped by the fields that its system describes.
 */
import type { AccountField } from './account-field.ts'
import type { Connector } from './contract.ts'

/** Shapes the methods of the resources that `fields` knows; the others stay the very same objects. */
export function connectorForAccount(
  connector: Connector,
  fields: ReadonlyMap<string, readonly AccountField[]>,
): Connector {
  const methods = connector.methods.map((method) => {
    const source = method.accountSchema ?? method.filtersCustomFields
    const known = source && fields.get(source.resource)
    return known ? method.forAccount(known) : method
  })
  return Object.freeze({ ...connector, methods })
}
