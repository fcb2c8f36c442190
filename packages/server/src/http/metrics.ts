/**
 * @module
 * Counters of this process in the text format of Prometheus (0.0.4). Labels come from fixed sets: no tenant, account,
 * token or argument is among them, so they neither leak nor grow without bound.
 */
export interface Metrics {
  /** A tool call that has been answered. */
  call(tool: string, outcome: string, ms: number): void
  refresh(outcome: string): void
  /** All of it, with what is open now. */
  text(open: { readonly streams: number }): string
}

/** Seconds. A call has ten at most. */
const BUCKETS_S = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

export function metrics(): Metrics {
  const calls = new Map<string, number>()
  const refreshes = new Map<string, number>()
  const buckets = BUCKETS_S.map(() => 0)
  let [count, sum, refused] = [0, 0, 0]

  return {
    call(tool, outcome, ms) {
      add(calls, labels({ tool, outcome }))
      if (outcome === 'rate_limited') refused += 1
      count += 1
      sum += ms / 1_000
      for (const [nth, limit] of BUCKETS_S.entries()) if (ms / 1_000 <= limit) buckets[nth] = (buckets[nth] ?? 0) + 1
    },
    refresh: (outcome) => add(refreshes, labels({ outcome })),
    text: ({ streams }) =>
      [
        ...family('quartermaster_tool_calls_total', 'counter', 'Tool calls by tool and outcome.', calls),
        ...head('quartermaster_tool_call_duration_seconds', 'histogram', 'How long tool calls took.'),
        ...BUCKETS_S.map(
          (limit, nth) => `quartermaster_tool_call_duration_seconds_bucket{le="${limit}"} ${buckets[nth]}`,
        ),
        `quartermaster_tool_call_duration_seconds_bucket{le="+Inf"} ${count}`,
        `quartermaster_tool_call_duration_seconds_sum ${sum}`,
        `quartermaster_tool_call_duration_seconds_count ${count}`,
        ...family('quartermaster_token_refreshes_total', 'counter', 'Token refreshes by outcome.', refreshes),
        ...head('quartermaster_rate_limited_total', 'counter', 'Calls refused for a quota, of ours or of a system.'),
        `quartermaster_rate_limited_total ${refused}`,
        ...head('quartermaster_open_streams', 'gauge', 'Legacy SSE streams open now.'),
        `quartermaster_open_streams ${streams}`,
        '',
      ].join('\n'),
  }
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

function labels(pairs: { readonly [name: string]: string }): string {
  const escaped = (value: string) => value.replace(/[\\"\n]/g, (sign) => (sign === '\n' ? '\\n' : `\\${sign}`))
  return Object.entries(pairs)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(',')
}

function head(name: string, type: string, help: string): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`]
}

function family(name: string, type: string, help: string, counts: ReadonlyMap<string, number>): string[] {
  return [...head(name, type, help), ...[...counts].map(([key, value]) => `${name}{${key}} ${value}`)]
}
