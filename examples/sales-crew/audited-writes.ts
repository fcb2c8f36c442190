/**
 * @module
 * Counts the writes that a tool URL has carried out, as the server's audit has them.
 */
import { z } from 'zod'

const page = z.object({
  result: z.array(z.object({ server_id: z.string(), tool: z.string(), phase: z.string(), outcome: z.string() })),
  next_after: z.number().nullable(),
})

export interface AuditQuery {
  readonly url: string
  /** An API token with the scope `audit`. */
  readonly token: string
  /** The MCP server behind the tool URL. */
  readonly serverId: string
}

export async function auditedWrites({ url, token, serverId }: AuditQuery): Promise<number> {
  let writes = 0
  for (let after: number | null = 0; after !== null; ) {
    const answer = await fetch(`${url}/audit?after=${after}`, { headers: { authorization: `Bearer ${token}` } })
    const { result, next_after } = page.parse(await answer.json())
    writes += result.filter(
      ({ server_id, tool, phase, outcome }) =>
        server_id === serverId && /^(create|update)_/.test(tool) && phase === 'outcome' && outcome === 'ok',
    ).length
    after = next_after
  }
  return writes
}
