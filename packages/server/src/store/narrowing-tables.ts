/**
 * @module
 * The columns of a URL that was derived from another one; all null for one that an administrator has issued.
 */
import type { Generated } from 'kysely'

export interface DerivedColumns {
  /** JSON array of the configurations it comes from, nearest first: each of them holds too. */
  wider: Generated<string | null>
  parent_id: Generated<string | null>
  /** The URL that an administrator has issued, the root of its ancestors. */
  root_id: Generated<string | null>
  /** JSON array of {@link AncestorLink}, nearest first. */
  line: Generated<string | null>
}

/** An ancestor of a URL, and the hash of the token with which it was opened when the next one was derived. */
export interface AncestorLink {
  readonly id: string
  readonly hash: string
}
