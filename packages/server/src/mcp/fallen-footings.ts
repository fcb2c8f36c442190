/**
 * @module
 * Which open streams have lost what they stand on. However many there are, it is two queries.
 */

import type { Store } from '../store/open.ts'
import type { Footing } from './sse-sessions.ts'

/** Finds those whose URL, or whose API token, is not opened any more by the secret that they came with. */
export function fallenFootings(store: Store, now: () => number) {
  return async (footings: readonly Footing[]): Promise<ReadonlySet<Footing>> => {
    const urlHashes = [...new Set(footings.map(({ urlHash }) => urlHash))]
    const factorHashes = [...new Set(footings.flatMap(({ factorHash }) => factorHash ?? []))]
    const [urls, factors] = await Promise.all([
      urlHashes.length > 0 ? store.servers.open(urlHashes, now()) : new Set<string>(),
      factorHashes.length > 0 ? store.apiTokens.valid(factorHashes, now()) : new Set<string>(),
    ])
    const stands = ({ urlHash, factorHash }: Footing) =>
      urls.has(urlHash) && (factorHash === undefined || factors.has(factorHash))
    return new Set(footings.filter((footing) => !stands(footing)))
  }
}
