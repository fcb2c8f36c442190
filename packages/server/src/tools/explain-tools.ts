/**
 * @module
 * Every method of a system, as an administrator asks about it: a tool of the URL, or why not and what would change that.
 */
import type { Connector } from '@quartermaster/connectors'
import type { McpServerConfig } from '@quartermaster/protocol'
import { deriveTools } from './derive-tools.ts'
import { type Budget, fitTools } from './fit-tools.ts'
import { type Absence, judgeMethods } from './judge-methods.ts'

export type ExplainedMethod = ExplainedFacts &
  ({ readonly available: true } | ({ readonly available: false; readonly because: string } & Absence))

interface ExplainedFacts {
  /** `resource.method`, the name of its documentation record. */
  readonly method: string
  /** The tool's name; null when nobody has documented the method. */
  readonly name: string | null
  readonly title: string | null
}

/**
 * In catalog order. What is `available` here is exactly what a URL with this configuration over this one account offers.
 *
 * @param scopes What the system says it granted; undefined when it does not say.
 * @param wider The configurations that a narrowed URL comes from, nearest first.
 */
export function explainTools(
  connector: Connector,
  config: McpServerConfig,
  scopes: readonly string[] | undefined,
  wider: readonly McpServerConfig[] = [],
): readonly ExplainedMethod[] {
  const configs = [config, ...wider]
  const judged = judgeMethods(connector, configs, scopes)
  const over = leftOut(connector, configs, scopes)
  return judged.map(({ method, verdict }) => {
    const path = `${method.resource}.${method.name}`
    const facts = { method: path, name: method.tool?.name ?? null, title: method.tool?.title ?? null }
    const by = verdict.ok ? over.get(verdict.tool.name) : undefined
    if (verdict.ok && by === undefined) return { ...facts, available: true }
    const absence: Absence = verdict.ok ? { why: 'over_budget', by: by ?? 'max_tools' } : verdict.absence
    return { ...facts, available: false, because: becauseOf(absence, path), ...absence }
  })
}

/** What a budget leaves out, of this configuration or of one above it: from the top down, as it is offered. */
function leftOut(
  connector: Connector,
  configs: readonly McpServerConfig[],
  scopes: readonly string[] | undefined,
): ReadonlyMap<string, Budget> {
  const [config, ...wider] = configs
  if (!config) return new Map()
  const above = leftOut(connector, wider, scopes)
  const tools = deriveTools(connector, config, scopes, wider).filter(({ name }) => !above.has(name))
  return new Map([...above, ...fitTools(tools, configs).over])
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
      return `The account's grant lacks: ${absence.scopes.join(', ')}. Connect the account again with them.`
    case 'policy':
      return `It requires what may not be asked about under this pii policy: ${absence.arguments.join(', ')}.`
    case 'nothing_writable':
      return absence.arguments.length > 0
        ? `It requires what this URL may not set: ${absence.arguments.join(', ')}.`
        : '"writable" admits none of its fields.'
    case 'over_budget':
      return `The tools before it use up ${absence.by}.`
  }
}
