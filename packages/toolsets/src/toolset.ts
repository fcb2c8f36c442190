/**
 * @module
 * A toolset: which tools and which data a role may carry. Immutable; every method returns a new one. The server enforces
 * it, because the URL that it issues carries the same configuration; here it can be checked a second time.
 */
import {
  type IssuedMcpServer,
  type McpServerConfigInput,
  matchesPatterns,
  mcpServerConfig,
  type PolicyName,
  selectsMethod,
} from '@quartermaster/protocol'
import type { AdminClient } from './admin-client.ts'
import { checkTools } from './check-tools.ts'
import type { ExplainedTool } from './explained-tool.ts'
import { type DescribedTool, toolFacts } from './tool-facts.ts'

/** Groups (`read`, `write`), kinds (`list`, `get`, …) or a method's own name. */
export type MethodWord =
  | 'read'
  | 'write'
  | 'list'
  | 'get'
  | 'get_many'
  | 'search'
  | 'aggregate'
  | 'create'
  | 'update'
  | 'delete'
  | (string & {})

/** What a URL is issued for, and for how long. */
export interface IssueOptions {
  /** The integrated account the URL is for, or several of one tenant. */
  readonly account: string | readonly string[]
  /** Seconds until the URL stops working; the server's default is 90 days. */
  readonly expiresInS?: number
  /** Whether the caller must also send an API token. Default true. */
  readonly requireApiToken?: boolean
  /** What the URL is called in lists and in the audit; the toolset's name when absent. */
  readonly name?: string
}

/** Models choose badly among more tools than this. */
const DEFAULT_MAX_TOOLS = 30

export class Toolset {
  readonly name: string
  /** What the server is asked for: the `config` of `POST /integrated-account/:id/mcp`. */
  readonly spec: Readonly<McpServerConfigInput>
  /** An agent that would get more tools than this gets none. */
  readonly limit: number

  /** Use {@link toolset}. */
  constructor(name: string, spec: McpServerConfigInput, limit: number) {
    if (!Number.isInteger(limit) || limit < 1) {
      throw new RangeError(`Cannot build toolset "${name}": maxTools must be a whole number of at least 1`)
    }
    const parsed = mcpServerConfig.safeParse(spec)
    if (!parsed.success) {
      const issue = parsed.error.issues[0]
      throw new TypeError(`Cannot build toolset "${name}": ${issue?.path.join('.')}: ${issue?.message}`)
    }
    this.name = name
    this.spec = Object.freeze({ ...spec })
    this.limit = limit
  }

  /** Exactly these methods, in place of those named before. */
  methods(...methods: MethodWord[]): Toolset {
    return this.#with({ methods })
  }

  /** Tools that carry at least one of these tags, in place of those named before. */
  tags(...tags: string[]): Toolset {
    return this.#with({ tags })
  }

  /** Only tools of these resources, such as `contact` and `opportunity`, in place of those named before. */
  resources(...resources: string[]): Toolset {
    return this.#with({ resources })
  }

  /** Only tools whose name matches one of these patterns (`*` is any run of characters), in place of earlier ones. */
  only(...patterns: string[]): Toolset {
    return this.#with({ only: patterns })
  }

  /** Never tools whose name matches one of these patterns, in addition to earlier ones. */
  without(...patterns: string[]): Toolset {
    return this.#with({ without: [...(this.spec.without ?? []), ...patterns] })
  }

  /** What happens to personal data on the server, before anything is sent. */
  pii(policy: PolicyName): Toolset {
    return this.#with({ pii: policy })
  }

  /** The only fields that writes may set: `contact.title`, `opportunity.*`. In place of those named before. */
  writable(...fields: string[]): Toolset {
    return this.#with({ writable: fields })
  }

  /**
   * Writes that a person must approve first, in place of those named before. With `by: 'token'` the approval must be
   * given at the server, with an API token of the scope `approve`; otherwise the program that holds the URL
   * is believed.
   */
  approve(methods: readonly MethodWord[], options: { readonly by?: 'caller' | 'token' } = {}): Toolset {
    return this.#with({ approve: [...methods], ...(options.by ? { approved_by: options.by } : {}) })
  }

  /** Lets pseudonyms stand in arguments; the server puts in what they stand for, where that shows the role nothing. */
  resolvingPseudonyms(): Toolset {
    return this.#with({ resolve_pseudonyms: true })
  }

  /**
   * The most tools an agent may be given at once. The server refuses to issue a URL with more, and one with more than 60
   * when nothing is said here.
   */
  maxTools(limit: number): Toolset {
    return new Toolset(this.name, { ...this.spec, max_tools: limit }, limit)
  }

  /**
   * What the tools may cost a model on every turn: name, description and schema, in tokens of o200k. What an account's
   * custom fields add to a tool takes only what is left. A URL whose tools alone cost more is refused, or with `trim` issued
   * without the last ones.
   */
  maxTokens(limit: number, options: { readonly over?: 'refuse' | 'trim' } = {}): Toolset {
    return this.#with({ max_tokens: limit, ...(options.over ? { over_budget: options.over } : {}) })
  }

  /** The most calls a URL makes on a day (UTC); the next one is refused as `rate_limited`, with the time to wait. */
  maxCallsPerDay(limit: number): Toolset {
    return this.#with({ max_calls_per_day: limit })
  }

  /** True when the toolset covers a tool. A tool that does not say what it is, is not covered. */
  allows(tool: DescribedTool): boolean {
    const facts = toolFacts(tool)
    if (!facts) return false
    const { methods, tags, resources, only, without } = this.spec
    if (!selectsMethod(methods ?? ['read'], { kind: facts.kind, name: facts.method })) return false
    if (tags && !tags.some((tag) => facts.tags.includes(tag))) return false
    if (resources && !resources.includes(facts.resource)) return false
    return matchesPatterns({ only, without }, tool.name)
  }

  /**
   * The tools of this toolset among those behind a URL, as an agent may get them.
   *
   * @throws ToolsetRefused when the URL redacts less than this toolset asks for, when a method that it names is not there,
   * when no tool is left, and when there are too many.
   */
  tools<T extends DescribedTool>(offered: readonly T[]): readonly T[] {
    return checkTools(this, offered)
  }

  /**
   * Has the server issue a URL with this toolset, over one account or several. `url` and `token` are shown this once.
   *
   * @throws AdminError when the server refuses.
   */
  issue(admin: Pick<AdminClient, 'issue'>, options: IssueOptions): Promise<IssuedMcpServer> {
    const { account, expiresInS, requireApiToken, name } = options
    return admin.issue(account, {
      name: name ?? this.name,
      config: {
        ...this.spec,
        ...(expiresInS === undefined ? {} : { expires_in_s: expiresInS }),
        ...(requireApiToken === undefined ? {} : { require_api_token_auth: requireApiToken }),
      },
    })
  }

  /**
   * Every method of the account's system: a tool of this toolset, or why not. Nothing is issued.
   *
   * @throws AdminError when the server refuses.
   */
  explain(admin: Pick<AdminClient, 'explain'>, account: string): Promise<readonly ExplainedTool[]> {
    return admin.explain(account, this.spec)
  }

  /**
   * Scopes, in the words of the account's system, that its grant must hold for every tool of this toolset, sorted: those
   * of the tools that are there and of those that only a scope keeps away. Empty where a system grants no resources one by
   * one; what every connection of it asks for by itself is not listed unless a tool needs it. Nothing is issued.
   *
   * @throws AdminError when the server refuses.
   */
  async scopes(admin: Pick<AdminClient, 'explain'>, account: string): Promise<readonly string[]> {
    const methods = await this.explain(admin, account)
    const wanted = methods.filter(({ available, why }) => available || why === 'missing_scope')
    return [...new Set(wanted.flatMap(({ scopes = [] }) => scopes))].sort()
  }

  #with(change: McpServerConfigInput): Toolset {
    return new Toolset(this.name, { ...this.spec, ...change }, this.limit)
  }
}

/**
 * A new toolset. By default it reads everything, shows personal data in full and needs an API token.
 *
 * @example
 * ```ts
 * const onboarding = toolset('onboarding').methods('read', 'create').tags('contacts').without('delete_*').pii('mask')
 * const { url } = await onboarding.issue(admin, { account: 'acc_1' })
 * ```
 */
export function toolset(name: string): Toolset {
  return new Toolset(name, {}, DEFAULT_MAX_TOOLS)
}
