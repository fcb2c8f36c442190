/**
 * @module
 * Finds the open streams whose URL token or API token no longer works. It takes two queries, however many streams are
 * open.
 */

import type { Store } from '../store/open.ts'
import type { StreamCredentials } from './sse-sessions.ts'

/** Finds those whose URL token, or API token, is revoked, expired or replaced. */
export function findRevokedStreams(store: Store, now: () => number) {
  return async (streams: readonly StreamCredentials[]): Promise<ReadonlySet<StreamCredentials>> => {
    const urlHashes = [...new Set(streams.map(({ urlHash }) => urlHash))]
    const factorHashes = [...new Set(streams.flatMap(({ factorHash }) => factorHash ?? []))]
    const [urls, factors] = await Promise.all([
      urlHashes.length > 0 ? store.servers.open(urlHashes, now()) : new Set<string>(),
      factorHashes.length > 0 ? store.apiTokens.valid(factorHashes, now()) : new Set<string>(),
    ])
    const isValid = ({ urlHash, factorHash }: StreamCredentials) =>
      urls.has(urlHash) && (factorHash === undefined || factors.has(factorHash))
    return new Set(streams.filter((credentials) => !isValid(credentials)))
  }
}
