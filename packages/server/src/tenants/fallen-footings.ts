/**
 * @module
 * Which open streams have lost what they stand on. However many there are, it is two queries.
 */
import type { Footing } from '../mcp/sse-sessions.ts'
import type { Store } from '../store/open.ts'

/** Finds those whose URL is revoked or expired, or whose API token is revoked. */
export function fallenFootings(store: Store, now: () => number) {
  return async (footings: readonly Footing[]): Promise<ReadonlySet<Footing>> => {
    const serverIds = [...new Set(footings.map(({ access }) => access.server.id))]
    const tokenIds = [...new Set(footings.flatMap(({ access }) => access.actor ?? []))]
    const [servers, tokens] = await Promise.all([
      serverIds.length > 0 ? store.servers.open(serverIds, now()) : new Set<string>(),
      tokenIds.length > 0 ? store.apiTokens.valid(tokenIds) : new Set<string>(),
    ])
    const stands = ({ access: { server, actor } }: Footing) =>
      servers.has(server.id) && (actor === undefined || tokens.has(actor))
    return new Set(footings.filter((footing) => !stands(footing)))
  }
}
