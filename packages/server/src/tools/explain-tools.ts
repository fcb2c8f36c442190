/**
 * @module
 * Every method of a system, as an administrator asks about it: a tool of the URL, or why not and what would change that.
 */
import type { McpServerConfig } from '@quartermaster/protocol'
import type { SchemaBinding } from './apply-schema-to-tools.ts'
import { deriveTools } from './derive-tools.ts'
import type { ToolLimit } from './fit-tools.ts'
import { offerOf } from './offer.ts'
import { type Absence, type Eligibility, selectMethods } from './select-methods.ts'

export type ExplainedMethod = ExplainedFacts &
  ({ readonly available: true } | ({ readonly available: false; readonly because: string } & Absence))

interface ExplainedFacts {
  /** `resource.method`, the name of its documentation record. */
  readonly method: string
  /** The tool's name; null when nobody has documented the method. */
  readonly name: string | null
  readonly title: string | null
  /** All that the system's grant must hold for it, whether or not it does; absent when it needs none. */
  readonly scopes?: readonly string[]
}

/**
 * In catalog order. What is `available` here is exactly what a URL with this configuration over this one account offers;
 * when it is over budget and does not say `trim`, what it would offer if it did.
 */
export function explainTools(
  { account, connector, forAccount }: SchemaBinding,
  config: McpServerConfig,
): readonly ExplainedMethod[] {
  const configs = [config] as const
  const tools = deriveTools(connector, config, account.scopes)
  const { over } = offerOf({ configs, bindings: [{ account, connector, tools }] })
  // The same methods in the same order.
  const own = selectMethods(forAccount, configs, account.scopes)
  return selectMethods(connector, configs, account.scopes).map(({ method, eligibility }, at) => {
    const path = `${method.resource}.${method.name}`
    const { tool, scopes } = method
    const needed = scopes.length > 0 ? { scopes } : {}
    const facts = { method: path, name: tool?.name ?? null, title: tool?.title ?? null, ...needed }
    const absence = absenceOf(eligibility, over, own[at]?.eligibility)
    if (!absence) return { ...facts, available: true }
    return { ...facts, available: false, because: becauseOf(absence, path), ...absence }
  })
}

/** As a URL is made: the connector's tools, within the budgets, and of these what the account's fields leave. */
function absenceOf(
  plain: Eligibility,
  over: ReadonlyMap<string, ToolLimit>,
  own: Eligibility | undefined,
): Absence | undefined {
  if (!plain.ok) return plain.absence
  const by = over.get(plain.tool.name)
  if (by) return { why: 'over_budget', by: [by] }
  return own?.ok === false ? own.absence : undefined
}

function becauseOf(absence: Absence, path: string): string {
  switch (absence.why) {
    case 'no_record':
      return `It is not documented: there is no docs/${path}.md beside the connector.`
    case 'name_taken':
      return 'Another documented method has its name.'
    case 'filtered':
      return `The configuration leaves it out by: ${absence.by.join(', ')}.`
    case 'missing_scope':
      return `The account's grant lacks: ${absence.missing_scopes.join(', ')}. Connect the account again with them.`
    case 'policy':
      return `It requires what may not be asked about under this pii policy: ${absence.arguments.join(', ')}.`
    case 'nothing_writable':
      return absence.arguments.length > 0
        ? `It requires what this URL may not set: ${absence.arguments.join(', ')}.`
        : '"writable" admits none of its fields.'
    case 'over_budget':
      return `The tools before it use up ${absence.by.join(', ')}.`
  }
}
