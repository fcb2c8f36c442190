/**
 * @module
 * The configuration of a URL that is derived from another one: what is not said is as above, and what is said may only
 * take away.
 */
import { atLeastAsStrict, type McpServerConfig, mcpServerConfig, policies } from '@quartermaster/protocol'
import type { z } from 'zod'
import type { McpServer } from './mcp-server.ts'

const { methods, pii, require_api_token_auth, expires_in_s } = mcpServerConfig.shape

/** The members of `mcpServerConfig`, none of them defaulted. */
export const narrowedConfig = mcpServerConfig.extend({
  methods: methods.unwrap().optional(),
  pii: pii.unwrap().optional(),
  require_api_token_auth: require_api_token_auth.unwrap().optional(),
  expires_in_s: expires_in_s.unwrap().optional(),
})

export type NarrowedConfig = z.output<typeof narrowedConfig>

/** URLs above the deepest one. */
export const MAX_DEPTH = 4
/** An hour: a sub-agent's task, not a standing right. */
const DEFAULT_LIFE_S = 3_600

export type NarrowConfig =
  | {
      readonly ok: true
      readonly config: McpServerConfig
      /** Nearest first. */
      readonly wider: readonly McpServerConfig[]
      /** Epoch milliseconds; never after the parent's end. */
      readonly expiresAt: number
    }
  /** Sentences about what would be wider than above. */
  | { readonly ok: false; readonly faults: readonly string[] }

/** What filters admit is not compared here: the tools of a derived URL are those that every configuration admits. */
export function narrowConfig(
  parent: Pick<McpServer, 'config' | 'wider' | 'expiresAt'>,
  wish: NarrowedConfig,
  now: number,
): NarrowConfig {
  const above = parent.config
  const wider = [above, ...(parent.wider ?? [])]
  const lifeS = wish.expires_in_s ?? DEFAULT_LIFE_S
  const expiresAt = Math.min(parent.expiresAt, now + lifeS * 1_000)
  const left = Math.max(1, Math.floor((expiresAt - now) / 1_000))
  const config: McpServerConfig = mcpServerConfig.parse({ ...above, ...wish, expires_in_s: left })
  const faults = [
    ...(wider.length > MAX_DEPTH ? [`A URL can be narrowed ${MAX_DEPTH} times in a row, not more.`] : []),
    ...(atLeastAsStrict(policies[config.pii], policies[above.pii])
      ? []
      : [`pii "${config.pii}" shows what "${above.pii}" hides.`]),
    ...(config.resolve_pseudonyms === true && above.resolve_pseudonyms !== true
      ? ['resolve_pseudonyms is not granted to this URL.']
      : []),
    ...(above.require_api_token_auth && !config.require_api_token_auth
      ? ['require_api_token_auth cannot be switched off.']
      : []),
  ]
  return faults.length > 0 ? { ok: false, faults } : { ok: true, config, wider, expiresAt }
}
