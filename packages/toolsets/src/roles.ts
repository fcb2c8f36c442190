/**
 * @module
 * Three roles to start from. Each names kinds of methods and tags, never a system, so it fits every connected CRM.
 */
import { toolset } from './toolset.ts'

const work = ['list', 'get', 'search', 'create', 'update'] as const
const customers = ['contacts', 'accounts', 'companies'] as const

export const roles = {
  /** Works its customers and deals. Deletes nothing. */
  sales: toolset('sales')
    .methods(...work)
    .tags(...customers, 'opportunities', 'deals')
    .pii('full'),

  /** Knows the customer, but reaches a person only through the system: addresses and numbers are masked. */
  support: toolset('support')
    .methods(...work)
    .tags(...customers)
    .without('create_*contact*', 'update_*contact*')
    .pii('mask'),

  /** Counts and sums. Reads deals and their stages; nothing in an answer names or reaches a person. */
  analytics: toolset('analytics')
    .methods('read')
    .tags('opportunities', 'deals', 'pipelines', 'stages', 'users', 'owners')
    .pii('strip'),
} as const
