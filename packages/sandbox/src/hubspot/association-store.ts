/**
 * @module
 * Who is associated with whom. An association is seen from both ends; the first company of a record is its primary.
 */
import { kindBetween } from './association-type.ts'

/** Associations of a portal. */
export interface AssociationStore {
  /** Associates two records, both ways. Without a kind between their types nothing happens, and it is `false`. */
  link(from: End, to: End, primary?: boolean): boolean
  unlink(from: End, to: End): void
  /** Records of one type that a record is associated with, in the order of their ids. */
  linked(from: End, toType: string): readonly Linked[]
}

/** One end of an association; `type` is a plural name. */
export interface End {
  readonly type: string
  readonly id: string
}

/** The other end, as seen from one. */
export interface Linked {
  readonly id: string
  readonly primary: boolean
}

/** A store without associations. */
export function createAssociationStore(): AssociationStore {
  /** From an end and a type to ids, and whether each is the primary one. */
  const links = new Map<string, Map<string, boolean>>()
  const key = (from: End, toType: string) => `${from.type}/${from.id}/${toType}`

  const connect = (from: End, to: End, wanted: boolean | undefined) => {
    const known = links.get(key(from, to.type)) ?? new Map<string, boolean>()
    links.set(key(from, to.type), known)
    const hasPrimary = kindBetween(from.type, to.type)?.primaryId !== undefined
    // A company does not choose a primary among its people; the flag belongs to the record that points at a company.
    const primary = hasPrimary && to.type === 'companies' && (wanted ?? known.get(to.id) ?? known.size === 0)
    if (primary) for (const id of known.keys()) known.set(id, false)
    known.set(to.id, primary)
  }

  return {
    link(from, to, primary) {
      if (!kindBetween(from.type, to.type)) return false
      connect(from, to, primary)
      connect(to, from, primary)
      return true
    },
    unlink(from, to) {
      links.get(key(from, to.type))?.delete(to.id)
      links.get(key(to, from.type))?.delete(from.id)
    },
    linked: (from, toType) =>
      [...(links.get(key(from, toType)) ?? [])]
        .map(([id, primary]) => ({ id, primary }))
        .sort((a, b) => Number(a.id) - Number(b.id)),
  }
}
