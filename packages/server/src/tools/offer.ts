/**
 * @module
 * What a URL offers over its accounts: their tools in the order of the accounts, each name once, within the URL's
 * budgets.
 */
import type { Connector } from '@quartermaster/connectors'
import type { McpServerConfig } from '@quartermaster/protocol'
import type { IntegratedAccount } from '../tenants/account.ts'
import { fitTools } from './fit-tools.ts'
import type { Tool } from './tool.ts'

/** An account and the tools that it can serve: as the connector has them, and as the account's own fields shape them. */
export interface Seat {
  readonly account: IntegratedAccount
  readonly connector: Connector
  readonly tools: readonly Tool[]
  readonly shaped: readonly Tool[]
}

/** Offers kept; the one that was made first goes first. */
const CACHED_OFFERS = 1_000
const offers = new Map<string, { readonly seats: readonly Seat[]; readonly tools: readonly Tool[] }>()

/**
 * The tools of a URL. The same seats give the same array.
 *
 * @param serverId What the offer is remembered under.
 * @param configs The URL's configuration and those it comes from: each of their budgets holds.
 */
export function offerTools(
  serverId: string,
  seats: readonly Seat[],
  configs: readonly McpServerConfig[],
): readonly Tool[] {
  const [only] = seats
  const limited = configs.some(({ max_tools, max_tokens }) => max_tools !== undefined || max_tokens !== undefined)
  if (only && seats.length === 1 && !limited) return only.shaped
  // Before an account's fields are known and after, of all accounts and of the one that a call is on.
  const isPlain = seats.every(({ tools, shaped }) => tools === shaped)
  const key = JSON.stringify([serverId, isPlain, seats.map(({ account }) => account.id)])
  const known = offers.get(key)
  if (known && areSame(known.seats, seats)) return known.tools
  const plain = mergeTools(seats.map(({ account, tools }) => ({ account, tools })))
  const shaped = mergeTools(seats.map(({ account, shaped: tools }) => ({ account, tools })))
  const tools = Object.freeze(fitTools(plain, shaped, configs).tools)
  offers.delete(key)
  offers.set(key, { seats, tools })
  const [oldest] = offers.keys()
  if (offers.size > CACHED_OFFERS && oldest !== undefined) offers.delete(oldest)
  return tools
}

function areSame(one: readonly Seat[], other: readonly Seat[]): boolean {
  return (
    one.length === other.length &&
    one.every(({ account, tools, shaped }, at) => {
      const seat = other[at]
      return (
        seat?.account.id === account.id &&
        seat.account.label === account.label &&
        seat.tools === tools &&
        seat.shaped === shaped
      )
    })
  )
}

type Served = { readonly account: IntegratedAccount; readonly tools: readonly Tool[] }

/** Each name once. What several accounts serve asks for the account, by a word made of its label. */
export function mergeTools(seats: readonly Served[]): readonly Tool[] {
  const [only] = seats
  if (only && seats.length === 1) return only.tools
  const words = accountWords(seats.map(({ account }) => account))
  const serving = new Map<string, Map<string, Tool>>()
  for (const { account, tools } of seats) {
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
