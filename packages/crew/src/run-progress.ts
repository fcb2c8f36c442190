/**
 * @module
 * What a run has done and is doing, folded from its stream events. It knows no terminal and no clock: the time of each
 * event is handed in.
 */
import type { ProgressEvent } from './read-progress.ts'

/** What a call or an agent waits for. */
export interface Wait {
  /** `rate_limited`, `paced`, `concurrency`, `retry` or `model_paced`. */
  readonly reason: string
  /** Epoch milliseconds; undefined when it depends on when another call ends. */
  readonly untilMs: number | undefined
}

/** One tool call under way. */
export interface Activity {
  readonly tool: string
  readonly agent: string
  readonly sinceMs: number
  wait: Wait | undefined
}

/** One task of a crew, or one node of another graph. */
export interface ProgressRow {
  readonly name: string
  agent: string
  readonly startedMs: number
  endedMs: number | undefined
  failed: boolean
  modelCalls: number
  /** Model calls under way. */
  thinking: number
  paced: Wait | undefined
  readonly activities: Map<string, Activity>
  /** What was read or done, such as `page 3` or `120 of 200`. */
  note: string
  /** Of a fan-out over records: how far all its branches together are. */
  mapped: { readonly done: number; readonly total: number } | undefined
}

/** What an account has left of one of its quotas. */
export interface RemainingQuota {
  readonly account: string
  /** Which quota of the account, where answers name it. */
  readonly quotaName: string | undefined
  readonly remaining: number
  readonly limit: number | undefined
  /** Epoch milliseconds. */
  readonly resetMs: number | undefined
}

export interface RunProgress {
  readonly startedMs: number
  readonly rows: ReadonlyMap<string, ProgressRow>
  /** One for each quota of an account; the keys say nothing. */
  readonly quotas: ReadonlyMap<string, RemainingQuota>
  readonly counts: RunCounts
}

/** What a run took. */
export interface RunCounts {
  readonly modelCalls: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly toolCalls: number
  readonly toolFailures: number
  /** Refusals for quota that calls have met. */
  readonly rateLimited: number
  /** Requests that took longer than `slaMs` of the policy, 1,000 by default. */
  readonly slow: number
}

export interface ProgressFold extends RunProgress {
  /** `path`: where in the graph, as LangGraph's stream names it: `node:id` for each level. */
  add(event: ProgressEvent, path: readonly string[], nowMs: number): void
  /** The run has reached its end: nodes that say no end of their own have theirs now. */
  end(nowMs: number): void
}

export function runProgress(startedMs: number): ProgressFold {
  const rows = new Map<string, ProgressRow>()
  const quotas = new Map<string, RemainingQuota>()
  const mappedBranches = new Map<string, Map<number, { readonly done: number }>>()
  const counts = {
    modelCalls: 0,
    inputTokens: 0,
    outputTokens: 0,
    toolCalls: 0,
    toolFailures: 0,
    rateLimited: 0,
    slow: 0,
  }

  const rowOf = (key: string, name: string, agent: string, nowMs: number): ProgressRow => {
    const known = rows.get(key)
    if (known) return known
    const row: ProgressRow = {
      name,
      agent,
      startedMs: nowMs,
      endedMs: undefined,
      failed: false,
      modelCalls: 0,
      thinking: 0,
      paced: undefined,
      activities: new Map(),
      note: '',
      mapped: undefined,
    }
    rows.set(key, row)
    return row
  }
  const taskRow = (path: readonly string[], { task, agent }: { task: string; agent: string }, nowMs: number) =>
    rowOf(taskKey(crewPath(path, task), task), task, agent, nowMs)

  /** The task whose node a call was made in; a graph without tasks has a row for each node. */
  const callRow = (path: readonly string[], nowMs: number): ProgressRow => {
    for (let depth = path.length; depth > 0; depth -= 1) {
      const row = rows.get(taskKey(path.slice(0, depth - 1), nodeName(path[depth - 1])))
      if (row) return row
    }
    const node = path.map(nodeName).findLast((part) => !/^\d+$/.test(part)) ?? 'graph'
    return rowOf(`${path.join('|')}#`, node, '', nowMs)
  }

  return {
    startedMs,
    rows,
    quotas,
    counts,
    end(nowMs) {
      for (const row of rows.values()) if (row.agent === '') row.endedMs ??= nowMs
    },
    add(event, path, nowMs) {
      switch (event.type) {
        case 'task_started': {
          rows.delete(taskKey(crewPath(path, event.task), event.task))
          taskRow(path, event, nowMs)
          return
        }
        case 'task_ended': {
          const row = taskRow(path, event, nowMs)
          row.endedMs = nowMs
          row.failed = !event.ok
          row.activities.clear()
          return
        }
        case 'answer_refused':
          taskRow(path, event, nowMs).note = `answer ${event.attempt} of ${event.attempts} refused`
          return
        case 'model_paced':
          taskRow(path, event, nowMs).paced = { reason: event.type, untilMs: nowMs + event.waitMs }
          return
        case 'model_call': {
          const row = taskRow(path, event, nowMs)
          counts.modelCalls += 1
          row.modelCalls += 1
          row.thinking += 1
          row.paced = undefined
          return
        }
        case 'model_answer':
          counts.inputTokens += event.inputTokens
          counts.outputTokens += event.outputTokens
          taskRow(path, event, nowMs).thinking -= 1
          return
        case 'tool_started': {
          const { tool, agent, toolCallId } = event
          taskRow(path, event, nowMs).activities.set(toolCallId, { tool, agent, sinceMs: nowMs, wait: undefined })
          return
        }
        case 'tool_ended':
          taskRow(path, event, nowMs).activities.delete(event.toolCallId)
          return
        case 'tool_call': {
          const row = callRow(path, nowMs)
          const key = callKey(event)
          if (!row.activities.has(key))
            row.activities.set(key, { tool: event.tool, agent: '', sinceMs: nowMs, wait: undefined })
          return
        }
        case 'tool_result': {
          counts.toolCalls += 1
          if (!event.ok) counts.toolFailures += 1
          const row = callRow(path, nowMs)
          const activity = row.activities.get(callKey(event))
          // An agent's tool has more to do than its call: its own event ends it.
          if (activity?.agent === '') row.activities.delete(callKey(event))
          else if (activity) activity.wait = undefined
          return
        }
        case 'rate_limited':
          counts.rateLimited += 1
          setWait(callRow(path, nowMs), event, nowMs)
          return
        case 'sla_exceeded':
          counts.slow += 1
          return
        case 'waiting':
        case 'retry':
          setWait(callRow(path, nowMs), event, nowMs)
          return
        case 'quota': {
          const { account, scope: quotaName, remaining, limit, reset } = event
          if (remaining === undefined) return
          const resetMs = reset === undefined ? undefined : nowMs + reset * 1000
          quotas.set(JSON.stringify([account, quotaName]), { account, quotaName, remaining, limit, resetMs })
          return
        }
        case 'page':
          callRow(path, nowMs).note = `${event.into}: page ${event.pages}`
          return
        case 'mapped': {
          const at = `${path.join('|')}#${event.node}`
          const branches = mappedBranches.get(at) ?? new Map<number, { readonly done: number }>()
          mappedBranches.set(at, branches.set(event.branch, event))
          const parts = [...branches.values()]
          const row = rowOf(at, event.node, '', nowMs)
          row.mapped = { done: parts.reduce((sum, { done }) => sum + done, 0), total: event.total }
          row.note = `${row.mapped.done.toLocaleString('en-US')} of ${event.total.toLocaleString('en-US')}`
          return
        }
      }
    },
  }
}

function setWait(
  row: ProgressRow,
  event: Extract<ProgressEvent, { type: 'waiting' | 'retry' | 'rate_limited' }>,
  nowMs: number,
): void {
  const activity = row.activities.get(callKey(event))
  if (!activity) return
  const reason = event.type === 'waiting' ? event.reason : event.type
  activity.wait = { reason, untilMs: event.waitMs > 0 ? nowMs + event.waitMs : undefined }
}

/** A crew's events come from its own level of the graph, and from within a task's node. */
function crewPath(path: readonly string[], task: string): readonly string[] {
  const node = path.findLastIndex((part) => nodeName(part) === task)
  return node < 0 ? path : path.slice(0, node)
}

function taskKey(path: readonly string[], task: string): string {
  return `${path.join('|')}|${task}`
}

function nodeName(part = ''): string {
  return part.split(':', 1)[0] ?? ''
}

function callKey({ toolCallId, tool, account }: { toolCallId?: string | undefined; tool: string; account: string }) {
  return toolCallId ?? `${tool} ${account}`
}
