/**
 * @module
 * Keys of MCP `_meta` members that Quartermaster reads and writes.
 */

/** On a result: {@link RateLimitMeta}. Always on a refusal for quota; on a success only when asked for. */
export const RATE_LIMIT_META = 'quartermaster/ratelimit'

/** On a request: `["ratelimit"]` asks for quota facts on successes too. */
export const WANT_META = 'quartermaster/want'

/** On a write request: the same key within 24 h means the same write. */
export const IDEMPOTENCY_KEY_META = 'quartermaster/idempotency-key'

/** On a write request: the handle of an approval that a person has given; see the failure `approval_required`. */
export const APPROVAL_META = 'quartermaster/approval'

/** On a write request: `true` asks what the call would change; nothing is changed. */
export const DRY_RUN_META = 'quartermaster/dry-run'

/**
 * On a tool: `{ system, resource, kind, tags, pii }`, so that an agent-side filter need not parse names. `pii` names the
 * policy that answers are redacted by; `method` is there when a method has a name of its own. Models are not shown it.
 */
export const TOOL_META = 'quartermaster/tool'
