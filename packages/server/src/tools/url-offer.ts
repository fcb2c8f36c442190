/**
 * @module
 * Whether a configuration makes a URL worth issuing over these accounts, and which tools it will have.
 */
import type { Connector } from '@quartermaster/connectors'
import type { McpServerConfig } from '@quartermaster/protocol'
import type { IntegratedAccount } from '../entities/account.ts'
import { deriveTools } from './derive-tools.ts'
import { type ToolLimit, toolLimitsOf } from './fit-tools.ts'
import { offerOf } from './offer.ts'
import type { Tool } from './tool.ts'

export type UrlOffer =
  | { readonly ok: true; readonly tools: readonly Tool[]; readonly leftOut: readonly LeftOut[] }
  /** A sentence that says what to change. */
  | { readonly ok: false; readonly because: string }

/** A tool that the configuration admits and a budget had no room for. */
export interface LeftOut {
  readonly name: string
  readonly by: readonly ToolLimit[]
}

/**
 * More tools than this make models choose badly and are more than some clients take. Above what one system has, so that
 * only URLs over several get there.
 */
const MOST_UNASKED = 60

/**
 * Tools as the connectors have them: what an account's custom fields add takes only what a budget leaves.
 *
 * @param ancestors Of a derived URL: their configurations, nearest first, and what the parent offers.
 */
export function urlOffer(
  places: readonly { readonly account: IntegratedAccount; readonly connector: Connector }[],
  config: McpServerConfig,
  ancestors: { readonly configs: readonly McpServerConfig[]; readonly offered?: readonly Tool[] } = { configs: [] },
): UrlOffer {
  const { configs: ancestorConfigs, offered } = ancestors
  const bindings = places.map(({ account, connector }) => ({
    account,
    connector,
    tools: deriveTools(connector, config, account.scopes, ancestorConfigs),
  }))
  const parentNames = offered && new Set(offered.map(({ name }) => name))
  const { tools, over, tokens } = offerOf({ configs: [config, ...ancestorConfigs], bindings }, parentNames)
  const count = tools.length + over.size
  if (count === 0) {
    const because =
      'This configuration admits no tool. Check methods, tags, resources, only, without and the granted scopes.'
    return { ok: false, because }
  }
  if (over.size > 0 && (tools.length === 0 || config.over_budget !== 'trim')) {
    return { ok: false, because: overBudget([config, ...ancestorConfigs], count, tokens) }
  }
  // A derived URL has no more than its parent, for which somebody said so.
  const isAsked = ancestorConfigs.length > 0 || config.max_tools !== undefined
  if (tools.length > MOST_UNASKED && !isAsked) return { ok: false, because: tooMany(tools.length) }
  return { ok: true, tools, leftOut: [...over].map(([name, by]) => ({ name, by: [by] })) }
}

function tooMany(count: number): string {
  return `This configuration admits ${count} tools, more than the ${MOST_UNASKED} that most models and clients cope with. Choose fewer by methods, resources, tags, only or without, issue several URLs, or say that so many are meant: max_tools ${count} or more.`
}

function overBudget(configs: readonly McpServerConfig[], count: number, tokens: number | undefined): string {
  const { maxTools, maxTokens } = toolLimitsOf(configs)
  const facts = [
    ...(count > maxTools ? [`it admits ${count} tools and max_tools is ${maxTools}`] : []),
    ...(tokens !== undefined && tokens > maxTokens
      ? [`its tools cost ${tokens} tokens and max_tokens is ${maxTokens}`]
      : []),
  ]
  return `This configuration is over budget: ${facts.join('; ')}. Choose fewer tools by resources, tags, only or without, raise the budget, or say over_budget "trim" to leave out the last ones.`
}
