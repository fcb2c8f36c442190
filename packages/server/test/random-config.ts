/**
 * @module
 * Random configurations of a URL, often enough ones that admit something.
 */
import { mcpServerConfig, methodKinds, policyNames } from '@quartermaster/protocol'
import fc from 'fast-check'

const some = (...words: string[]) => fc.uniqueArray(fc.constantFrom(...words), { minLength: 1, maxLength: 3 })
const globs = ['*', '*contact*', 'list_*', 'search_*', '*_by_id', 'create_*', '*opportunit*', '*account*']
const fields = ['*.*', 'contact.*', '*.name', '*.email', 'opportunity.*', '*.title', '*.owner_id', 'ticket.subject']
const sometimes = <T>(what: fc.Arbitrary<T>) => fc.option(what, { nil: undefined, freq: 2 })

/** What narrowing and issuing take, none of it defaulted. */
export const randomConfigInput = fc
  .record({
    methods: sometimes(some('read', 'write', 'read', 'custom', ...methodKinds)),
    tags: sometimes(some('crm', 'contacts', 'opportunities', 'accounts', 'tickets')),
    resources: sometimes(some('contact', 'opportunity', 'account', 'ticket', 'stage')),
    only: sometimes(some(...globs)),
    without: sometimes(some(...globs.slice(1))),
    writable: sometimes(some(...fields)),
    approve: sometimes(some('write', 'create', 'delete')),
    approved_by: sometimes(fc.constantFrom('caller' as const, 'token' as const)),
    pii: sometimes(fc.constantFrom(...policyNames)),
    resolve_pseudonyms: sometimes(fc.boolean()),
    require_api_token_auth: sometimes(fc.boolean()),
    expires_in_s: sometimes(fc.integer({ min: 1, max: 31_536_000 })),
  })
  .map((config) => Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined)))

/** Often enough small ones; 2,000 tokens are some ten tools. */
const randomBudgets = fc
  .record({
    max_tools: sometimes(fc.integer({ min: 1, max: 12 })),
    max_tokens: sometimes(fc.integer({ min: 100, max: 2_000 })),
    over_budget: sometimes(fc.constantFrom('refuse' as const, 'trim' as const, 'trim' as const)),
  })
  .map((config) => Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined)))

/** {@link randomConfigInput} with budgets. */
export const randomBudgetedInput = fc
  .tuple(randomConfigInput, randomBudgets)
  .map(([config, budgets]) => ({ ...config, ...budgets }))

export const randomConfig = randomConfigInput.map((config) =>
  mcpServerConfig.parse({ methods: ['read', 'write'], ...config }),
)
