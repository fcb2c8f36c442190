/**
 * @module
 * What the audit kept of one write: who, which tool, when, with what outcome, and nothing of what was written.
 */
import { z } from 'zod'
import { adminRequest } from '../admin-connection.ts'
import type { Demo, RoleConnection } from './open-demo.ts'

const entry = z.object({
  seq: z.number(),
  at: z.string(),
  request_id: z.string(),
  server_id: z.string(),
  tool: z.string(),
  phase: z.enum(['intent', 'outcome']),
  outcome: z.string(),
  ms: z.number(),
})
const page = z.object({ result: z.array(entry), next_after: z.number().nullable() })

/** The lines of the last write of a connection. @throws Error when there is none: a write without a trace must not be. */
export async function lastWrite({ server }: Demo, connection: RoleConnection): Promise<readonly string[]> {
  const entries: z.infer<typeof entry>[] = []
  for (let after: number | null = 0; after !== null; ) {
    const api = { server: server.url, token: server.adminToken }
    const { result, next_after } = page.parse(await adminRequest(api, 'GET', `/audit?after=${after}`))
    entries.push(...result.filter(({ server_id }) => server_id === connection.issued.id))
    after = next_after
  }
  const last = entries.findLast(
    ({ phase, outcome, tool }) => phase === 'outcome' && outcome === 'ok' && tool.startsWith('update_'),
  )
  const trace = entries.filter(({ request_id }) => request_id === last?.request_id)
  if (trace.length !== 2) throw new Error(`Cannot show the audit of a write: it has ${trace.length} lines instead of 2`)
  return trace.map(
    ({ seq, at, tool, phase, outcome, ms }) =>
      `#${seq}  ${at}  ${tool}  ${phase.padEnd(7)}  ${phase === 'intent' ? 'about to be sent' : `${outcome} in ${ms} ms`}`,
  )
}
