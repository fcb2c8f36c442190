/**
 * @module
 * The roles side by side: what each URL offers, what that costs a model on every turn, and what it hides.
 */
import Table from 'cli-table3'
import pc from 'picocolors'
import { tokenCost } from '../check/token-cost.ts'
import type { Seat } from './open-demo.ts'

export interface RoleCost {
  readonly tools: number
  readonly tokens: number
}

const policyWords = {
  full: 'shown in full',
  mask: 'masked: j***@acme.com, texts scrubbed',
  strip: 'stripped: none of it leaves the server',
}

export function rolesTable(seats: readonly Seat[]): string {
  const table = new Table({
    head: ['role', 'tools', 'that write', 'tokens every turn', 'personal data'].map((text) => pc.bold(text)),
    colAligns: ['left', 'right', 'right', 'right', 'left'],
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
    style: { head: [], border: [] },
  })
  for (const { role, tools, issued } of seats) {
    const writing = tools.filter(({ annotations }) => annotations?.readOnlyHint !== true).length
    table.push([role, tools.length, writing, tokenCost(tools), policyWords[issued.config.pii]])
  }
  return table.toString()
}

export function roleCosts(seats: readonly Seat[]): Readonly<Record<string, RoleCost>> {
  return Object.fromEntries(seats.map(({ role, tools }) => [role, { tools: tools.length, tokens: tokenCost(tools) }]))
}
