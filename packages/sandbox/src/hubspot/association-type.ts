/**
 * @module
 * Which objects can be associated, and under which type ids. Numbers from the enumeration in HubSpot's own client.
 */

/** The association types in one direction between two object types. */
export interface AssociationKind {
  readonly from: string
  readonly to: string
  readonly typeId: number
  /** The label `Primary`, where there is one: a record has at most one such association. */
  readonly primaryId?: number
}

const pairs: readonly (readonly [from: string, to: string, typeId: number, inverseId: number])[] = [
  ['deals', 'contacts', 3, 4],
  ['tickets', 'contacts', 16, 15],
  ['tickets', 'deals', 28, 27],
  ['notes', 'contacts', 202, 201],
  ['notes', 'companies', 190, 189],
  ['notes', 'deals', 214, 213],
  ['notes', 'tickets', 228, 227],
  ['tasks', 'contacts', 204, 203],
  ['tasks', 'companies', 192, 191],
  ['tasks', 'deals', 216, 215],
  ['tasks', 'tickets', 230, 229],
  ['leads', 'contacts', 578, 579],
  ['leads', 'companies', 610, 611],
]

/** Every direction that HubSpot defines between the types served here. */
export const associationKinds: readonly AssociationKind[] = [
  { from: 'contacts', to: 'companies', typeId: 279, primaryId: 1 },
  { from: 'companies', to: 'contacts', typeId: 280, primaryId: 2 },
  { from: 'deals', to: 'companies', typeId: 341, primaryId: 5 },
  { from: 'companies', to: 'deals', typeId: 342, primaryId: 6 },
  { from: 'tickets', to: 'companies', typeId: 339, primaryId: 26 },
  { from: 'companies', to: 'tickets', typeId: 340, primaryId: 25 },
  ...pairs.flatMap(([from, to, typeId, inverseId]) => [
    { from, to, typeId },
    { from: to, to: from, typeId: inverseId },
  ]),
]

/** `undefined` when the two types cannot be associated. */
export function kindBetween(from: string, to: string): AssociationKind | undefined {
  return associationKinds.find((kind) => kind.from === from && kind.to === to)
}

/** The kind that a type id stands for, when it starts at `from`. */
export function kindOfType(from: string, typeId: number): AssociationKind | undefined {
  return associationKinds.find((kind) => kind.from === from && (kind.typeId === typeId || kind.primaryId === typeId))
}
