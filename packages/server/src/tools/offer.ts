/**
 * @module
 * What a URL offers over its accounts: their tools in the order of the accounts, each name once, within the URL's
 * limits.
 */
import type { Connector } from '@quartermaster/connectors'
import type { McpServerConfig } from '@quartermaster/protocol'
import type { IntegratedAccount } from '../entities/account.ts'
import { type Fitted, fitTools, hasToolLimit } from './fit-tools.ts'
import { memoizeByIdentity } from './memoize-by-identity.ts'
import type { Tool } from './tool.ts'

/** An account and the tools that it can serve, as the connector has them. */
export interface AccountBinding {
  readonly account: IntegratedAccount
  readonly connector: Connector
  readonly tools: readonly Tool[]
}

/** What the tools of one URL are made of. */
export interface ToolSource {
  /** Its configuration and those of its ancestors, nearest first: each of their limits holds. */
  readonly configs: readonly [McpServerConfig, ...McpServerConfig[]]
  readonly bindings: readonly AccountBinding[]
}

/** What an ancestor leaves to the URLs derived from it: no tool that it does not offer itself. */
export interface AncestorLimit {
  readonly configs: ToolSource['configs']
  readonly names: ReadonlySet<string>
}

export interface Offer {
  readonly tools: readonly Tool[]
  /** Of its ancestors, nearest first. */
  readonly ancestorLimits: readonly AncestorLimit[]
}

const offers = memoizeByIdentity<Offer>(1_000)

/**
 * The tools of a URL. Limits are applied from the root down, at each source over its own accounts, so that a derived URL
 * never has a tool that an ancestor leaves out. The same bindings give the same arrays.
 *
 * @param serverId What the offer is remembered under.
 * @param sources The URL, and its ancestors where one of these has a limit; nearest first.
 */
export function offerTools(serverId: string, sources: readonly [ToolSource, ...ToolSource[]]): Offer {
  const [{ configs, bindings }] = sources
  const [only] = bindings
  if (only && bindings.length === 1 && sources.length === 1 && !configs.some(hasToolLimit))
    return { tools: only.tools, ancestorLimits: [] }
  const made = sources.flatMap((source) =>
    source.bindings.flatMap(({ account: { id, label }, tools }) => [id, label, tools]),
  )
  return offers(serverId, made, () => fitFromRoot(sources))
}

function fitFromRoot([own, ...ancestors]: readonly [ToolSource, ...ToolSource[]]): Offer {
  const ancestorLimits: AncestorLimit[] = []
  for (const source of ancestors.toReversed()) {
    const names = new Set(offerOf(source, ancestorLimits[0]?.names).tools.map(({ name }) => name))
    ancestorLimits.unshift({ configs: source.configs, names })
  }
  return { tools: Object.freeze(offerOf(own, ancestorLimits[0]?.names).tools), ancestorLimits }
}

/**
 * What one URL offers within its limits, and what these leave out: asked when it is issued, explained and used.
 *
 * @param parentNames What its parent offers, when there is one: no other tool counts.
 */
export function offerOf({ configs, bindings }: ToolSource, parentNames?: ReadonlySet<string>): Fitted {
  return fitTools(
    mergeTools(bindings).filter(({ name }) => parentNames?.has(name) !== false),
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
