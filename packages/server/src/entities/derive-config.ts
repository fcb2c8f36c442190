/**
 * @module
 * The configuration of a URL that is derived from another one: what is not said is as in its parent, and what is said may only
 * take away.
 */
import { atLeastAsStrict, type McpServerConfig, mcpServerConfig, policies } from '@quartermaster/protocol'
import type { z } from 'zod'
import type { McpServer } from './mcp-server.ts'

const { methods, pii, require_api_token_auth, expires_in_s } = mcpServerConfig.shape

/** The members of `mcpServerConfig`, none of them defaulted. */
export const derivedConfigInput = mcpServerConfig.extend({
  methods: methods.unwrap().optional(),
  pii: pii.unwrap().optional(),
  require_api_token_auth: require_api_token_auth.unwrap().optional(),
  expires_in_s: expires_in_s.unwrap().optional(),
})

export type DerivedConfigInput = z.output<typeof derivedConfigInput>

/** Ancestors of the deepest one. */
export const MAX_DEPTH = 4
/** An hour: a sub-agent's task, not a standing right. */
const DEFAULT_LIFE_S = 3_600

export type DeriveConfigResult =
  | {
      readonly ok: true
      readonly config: McpServerConfig
      /** Nearest first. */
      readonly ancestorConfigs: readonly McpServerConfig[]
      /** Epoch milliseconds; never after the parent's end. */
      readonly expiresAt: number
    }
  /** Sentences about what would exceed the parent. */
  | { readonly ok: false; readonly faults: readonly string[] }

/** What filters admit is not compared here: the tools of a derived URL are those that every configuration admits. */
export function deriveConfig(
  parent: Pick<McpServer, 'config' | 'ancestorConfigs' | 'expiresAt'>,
  requested: DerivedConfigInput,
  now: number,
): DeriveConfigResult {
  const parentConfig = parent.config
  const ancestorConfigs = [parentConfig, ...(parent.ancestorConfigs ?? [])]
  const lifeS = requested.expires_in_s ?? DEFAULT_LIFE_S
  const expiresAt = Math.min(parent.expiresAt, now + lifeS * 1_000)
  const left = Math.max(1, Math.floor((expiresAt - now) / 1_000))
  const config: McpServerConfig = mcpServerConfig.parse({ ...parentConfig, ...requested, expires_in_s: left })
  const faults = [
    ...(ancestorConfigs.length > MAX_DEPTH ? [`A URL can be narrowed ${MAX_DEPTH} times in a row, not more.`] : []),
    ...(atLeastAsStrict(policies[config.pii], policies[parentConfig.pii])
      ? []
      : [`pii "${config.pii}" shows what "${parentConfig.pii}" hides.`]),
    ...(config.resolve_pseudonyms === true && parentConfig.resolve_pseudonyms !== true
      ? ['resolve_pseudonyms is not granted to this URL.']
      : []),
    ...(parentConfig.require_api_token_auth && !config.require_api_token_auth
      ? ['require_api_token_auth cannot be switched off.']
      : []),
  ]
  return faults.length > 0 ? { ok: false, faults } : { ok: true, config, ancestorConfigs, expiresAt }
}
