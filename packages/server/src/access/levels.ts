/**
 * @module
 * The line of URLs that decide what a URL offers: itself, and where one of those above has a budget, all of them.
 */
import type { McpServerConfig } from '@quartermaster/protocol'
import { accountIdsOf, type McpServer } from '../entities/mcp-server.ts'
import { hasBudget } from '../tools/fit-tools.ts'

export interface LevelPlan {
  /** Its configuration and those above it, nearest first. */
  readonly configs: readonly [McpServerConfig, ...McpServerConfig[]]
  readonly accountIds: readonly string[]
}

/** Nearest first. What a budget leaves out above depends on the accounts there, so filters alone do not tell it. */
export function levelsOf(server: McpServer): readonly [LevelPlan, ...LevelPlan[]] {
  const { config, wider = [], widerAccountIds = [] } = server
  const own: LevelPlan = { configs: [config, ...wider], accountIds: accountIdsOf(server) }
  if (!wider.some(hasBudget)) return [own]
  const above = wider.map((one, at): LevelPlan => {
    return { configs: [one, ...wider.slice(at + 1)], accountIds: widerAccountIds[at] ?? [] }
  })
  return [own, ...above]
}
