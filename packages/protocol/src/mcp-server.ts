/**
 * @module
 * The configuration of an MCP server URL: what `POST /integrated-account/:id/mcp` takes and what a toolset produces.
 */
import { z } from 'zod'
import { policyName } from './policy.ts'

const word = z.string().regex(/^[a-z][a-z0-9_]{0,47}$/)
/** A tool name with `*` for any run of characters. */
const pattern = z.string().regex(/^[a-z0-9_*]{1,64}$/)
/** A resource and a field of it, with `*` for any run of characters. */
const fieldPattern = z.string().regex(/^[a-z0-9_*]{1,48}\.[a-z0-9_*]{1,48}$/)

export const mcpServerConfig = z.strictObject({
  /** Groups (`read`, `write`), kinds (`list`) or method names. Absent: read only. */
  methods: z.array(word).min(1).max(32).default(['read']),
  /** Tools that carry at least one of these tags. Absent: all tags. */
  tags: z.array(word).min(1).max(32).optional(),
  /** Only tools of these resources, such as `contact`. Absent: of all. */
  resources: z.array(word).min(1).max(32).optional(),
  /** Only tools whose name matches one of these patterns. */
  only: z.array(pattern).min(1).max(64).optional(),
  /** Never tools whose name matches one of these patterns. */
  without: z.array(pattern).min(1).max(64).optional(),
  /** The only fields that writes may set, as `resource.field` with `*` for any run of characters. Absent: all. */
  writable: z.array(fieldPattern).min(1).max(64).optional(),
  /** Writes that a person must approve first: groups, kinds or method names, as in `methods`. Absent: none. */
  approve: z.array(word).min(1).max(32).optional(),
  /**
   * Whose word it is that a person has approved. `caller`: the program that holds the URL sends the handle back.
   * `token`: somebody with an API token of the scope `approve` must have said so at the server. Absent: `caller`.
   */
  approved_by: z.enum(['caller', 'token']).optional(),
  /** What happens to personal data on the way out. */
  pii: policyName.default('full'),
  /** Pseudonyms in arguments are replaced by what they stand for, inside the server. Absent: they are not. */
  resolve_pseudonyms: z.boolean().optional(),
  /** The caller must also send an API token with the scope `runtime` as a Bearer token. */
  require_api_token_auth: z.boolean().default(true),
  /** At most so many tools. Absent: 60, because models choose badly among more; who wants them says so here. */
  max_tools: z.number().int().min(1).max(500).optional(),
  /** What the tools may cost a model on every turn: name, description and schema, in tokens of o200k. Absent: no limit. */
  max_tokens: z.number().int().min(100).max(1_000_000).optional(),
  /** Tools beyond a budget: `refuse` does not issue such a URL, `trim` leaves out the last ones. Absent: `refuse`. */
  over_budget: z.enum(['refuse', 'trim']).optional(),
  /** At most so many calls on a day (UTC), over all processes, those of derived URLs included. Absent: no such limit. */
  max_calls_per_day: z.number().int().min(1).max(10_000_000).optional(),
  /** Seconds until the URL stops working. Default 90 days. */
  expires_in_s: z.number().int().min(1).max(31_536_000).default(7_776_000),
})

/** What people call something. Control, format and private characters could disguise it in a list or a log. */
export const plainName = z
  .string()
  .trim()
  .min(1)
  .max(120)
  .regex(/^[^\p{C}\p{Zl}\p{Zp}]+$/u)

export const createMcpServer = z.strictObject({
  name: plainName,
  config: mcpServerConfig.prefault({}),
})

/** One URL over several accounts of a tenant; the order of the accounts is that of their tools. */
export const createSharedMcpServer = createMcpServer.extend({
  account_ids: z.array(z.string().max(64)).min(1).max(16),
})

export type McpServerConfig = z.infer<typeof mcpServerConfig>
export type McpServerConfigInput = z.input<typeof mcpServerConfig>
export type CreateMcpServer = z.infer<typeof createMcpServer>
export type CreateSharedMcpServer = z.infer<typeof createSharedMcpServer>

/** The answer: `url` and `token` are shown this once. */
export interface IssuedMcpServer {
  readonly id: string
  readonly name: string
  readonly config: McpServerConfig
  readonly url: string
  readonly token: string
  readonly expires_at: string
}

/** True when a tool's name passes the `only` and `without` patterns. */
export function matchesPatterns(config: Pick<McpServerConfig, 'only' | 'without'>, tool: string): boolean {
  if (config.only && !config.only.some((glob) => matchesGlob(glob, tool))) return false
  return !config.without?.some((glob) => matchesGlob(glob, tool))
}

/** True when writes may set this field of this resource. */
export function isWritable(config: Pick<McpServerConfig, 'writable'>, resource: string, field: string): boolean {
  return config.writable?.some((glob) => matchesGlob(glob, `${resource}.${field}`)) ?? true
}

/** Finds the pieces between the stars from left to right: a regular expression could backtrack for ever. */
function matchesGlob(glob: string, name: string): boolean {
  const [first = '', ...rest] = glob.split('*')
  if (rest.length === 0) return glob === name
  if (!name.startsWith(first)) return false
  const last = rest.pop() ?? ''
  let at = first.length
  for (const piece of rest) {
    const found = name.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  return name.length - at >= last.length && name.endsWith(last)
}
