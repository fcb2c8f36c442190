/**
 * @module
 * The roles side by side: what each URL offers, what that costs a model on every turn, and what it hides.
 */
import { tokenCost } from '../check/token-cost.ts'
import { plainTable } from '../plain-table.ts'
import type { RoleConnection } from './open-demo.ts'

export interface RoleCost {
  readonly tools: number
  readonly tokens: number
}

const policyWords = {
  full: 'shown in full',
  mask: 'masked: j***@acme.com, texts scrubbed',
  pseudonym: 'pseudonyms: psn_email_…, the same for the same person',
  strip: 'stripped: none of it leaves the server',
}

export function rolesTable(connections: readonly RoleConnection[]): string {
  const rows = connections.map(({ role, tools, issued }) => {
    const writing = tools.filter(({ annotations }) => annotations?.readOnlyHint !== true).length
    return [role, tools.length, writing, tokenCost(tools), policyWords[issued.config.pii]]
  })
  return plainTable(['role', 'tools', 'that write', 'tokens every turn', 'personal data'], rows, {
    align: ['left', 'right', 'right', 'right', 'left'],
  })
}

export function roleCosts(connections: readonly RoleConnection[]): Readonly<Record<string, RoleCost>> {
  return Object.fromEntries(
    connections.map(({ role, tools }) => [role, { tools: tools.length, tokens: tokenCost(tools) }]),
  )
}
