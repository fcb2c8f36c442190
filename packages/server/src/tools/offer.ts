/**
 * @module
 * What a URL offers over its accounts: their tools in the order of the accounts, each name once, within the URL's
 * budgets.
 */
import type { Connector } from '@quartermaster/connectors'
import type { McpServerConfig } from '@quartermaster/protocol'
import type { IntegratedAccount } from '../entities/account.ts'
import { type Fitted, fitTools, hasBudget } from './fit-tools.ts'
import { remembering } from './remembering.ts'
import type { Tool } from './tool.ts'

/** An account and the tools that it can serve, as the connector has them. */
export interface AccountBinding {
  readonly account: IntegratedAccount
  readonly connector: Connector
  readonly tools: readonly Tool[]
}

/** One URL of a line of URLs derived from each other. */
export interface Level {
  /** Its configuration and those above it, nearest first: each of their budgets holds. */
  readonly configs: readonly [McpServerConfig, ...McpServerConfig[]]
  readonly bindings: readonly AccountBinding[]
}

/** What a URL above leaves to those below it: no tool that it does not offer itself. */
export interface Ceiling {
  readonly configs: Level['configs']
  readonly names: ReadonlySet<string>
}

export interface Offer {
  readonly tools: readonly Tool[]
  /** Of the URLs above, nearest first. */
  readonly above: readonly Ceiling[]
}

const offers = remembering<Offer>(1_000)

/**
 * The tools of a URL. Budgets are fitted from the top down, at each level over its own accounts, so that a URL below
 * never has a tool that was left out above. The same bindings give the same arrays.
 *
 * @param serverId What the offer is remembered under.
 * @param line The URL, and those above it where one of these has a budget; nearest first.
 */
export function offerTools(serverId: string, line: readonly [Level, ...Level[]]): Offer {
  const [{ configs, bindings }] = line
  const [only] = bindings
  if (only && bindings.length === 1 && line.length === 1 && !configs.some(hasBudget))
    return { tools: only.tools, above: [] }
  const made = line.flatMap((level) =>
    level.bindings.flatMap(({ account: { id, label }, tools }) => [id, label, tools]),
  )
  return offers(serverId, made, () => fitLine(line))
}

function fitLine([own, ...upper]: readonly [Level, ...Level[]]): Offer {
  const above: Ceiling[] = []
  for (const level of upper.toReversed()) {
    const names = new Set(offerLevel(level, above[0]?.names).tools.map(({ name }) => name))
    above.unshift({ configs: level.configs, names })
  }
  return { tools: Object.freeze(offerLevel(own, above[0]?.names).tools), above }
}

/**
 * What one URL offers within its budgets, and what these leave out: asked when it is issued, explained and used.
 *
 * @param above What the URL above it offers, when there is one: no other tool counts.
 */
export function offerLevel({ configs, bindings }: Level, above?: ReadonlySet<string>): Fitted {
  return fitTools(
    mergeTools(bindings).filter(({ name }) => above?.has(name) !== false),
    configs,
  )
}

type Served = { readonly account: IntegratedAccount; readonly tools: readonly Tool[] }

/** Each name once. What several accounts serve asks for the account, by a word made of its label. */
export function mergeTools(bindings: readonly Served[]): readonly Tool[] {
  const [only] = bindings
  if (only && bindings.length === 1) return only.tools
  const words = accountWords(bindings.map(({ account }) => account))
  const serving = new Map<string, Map<string, Tool>>()
  for (const { account, tools } of bindings) {
    for (const tool of tools) {
      const variants = serving.get(tool.name) ?? new Map<string, Tool>()
      serving.set(tool.name, variants.set(words.get(account.id) ?? account.id, tool))
    }
  }
  return [...serving.values()].flatMap((variants) => {
    const [tool] = variants.values()
    return tool ? [variants.size === 1 ? { ...tool, variants } : chosenByAccount(tool, variants)] : []
  })
}

/** The argument that says which account is meant. No argument of a connector has this name. */
export const ACCOUNT_ARGUMENT = 'account'

/** What only one account's fields allow is left to it: together they publish what they have in common. */
function chosenByAccount(tool: Tool, variants: ReadonlyMap<string, Tool>): Tool {
  const schemas = [...variants.values()].map(({ inputSchema }) => inputSchema)
  const isCommon = (name: string) =>
    schemas.every(
      ({ properties }) => JSON.stringify(properties[name]) === JSON.stringify(tool.inputSchema.properties[name]),
    )
  const common = Object.entries(tool.inputSchema.properties).flatMap(([name, property]) => {
    if (isCommon(name)) return [[name, property] as const]
    const everywhere = schemas.every(({ properties }) => Object.hasOwn(properties, name))
    const { enum: _, ...open } = property
    return everywhere ? [[name, open] as const] : []
  })
  const account = { type: 'string', description: 'Account to use', enum: [...variants.keys()] } as const
  const required = (tool.inputSchema.required ?? []).filter((name) => common.some(([known]) => known === name))
  return Object.freeze({
    ...tool,
    inputSchema: {
      type: 'object',
      properties: { [ACCOUNT_ARGUMENT]: account, ...Object.fromEntries(common) },
      required: [ACCOUNT_ARGUMENT, ...required],
    },
    variants,
  } as const)
}

/** Short words a model can repeat, one for each account: of its label, or its id where that says nothing of its own. */
export function accountWords(accounts: readonly IntegratedAccount[]): ReadonlyMap<string, string> {
  const wordOf = ({ label }: IntegratedAccount) =>
    label
      .normalize('NFKD')
      .replace(/\p{M}/gu, '')
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '')
      .slice(0, 32)
  const words = accounts.map(wordOf)
  return new Map(
    accounts.map((account, at) => {
      const word = words[at] ?? ''
      const isItsOwn = word !== '' && words.filter((one) => one === word).length === 1
      return [account.id, isItsOwn ? word : account.id]
    }),
  )
}
