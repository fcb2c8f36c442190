/**
 * @module
 * A run's progress as lines of text: who works, with which tool, what is waited for and how long, what is left of the
 * quota, what it took so far. Pure: the same progress at the same moment gives the same lines.
 */
import type { Activity, ProgressRow, RunCounts, RunProgress, Wait } from './run-progress.ts'

/** The title, the time and the size of the frame. */
export interface FrameOptions {
  readonly title: string
  readonly nowMs: number
  /** Characters; longer lines are cut, so that a line stays one line of the terminal. */
  readonly columns: number
  /** Lines in all. Rows that are done give way first. */
  readonly lines: number
}

export function progressFrame(progress: RunProgress, options: FrameOptions): string[] {
  const { title, nowMs, columns, lines } = options
  const quotas = [...progress.quotas.values()].slice(0, Math.max(0, lines - 3)).map((quota) => {
    const { account, quotaName, remaining, limit, resetMs } = quota
    const of = limit === undefined ? '' : ` of ${limit}`
    const reset = resetMs !== undefined && resetMs > nowMs ? `, full again in ${duration(resetMs - nowMs)}` : ''
    return `  ${quotaName === undefined ? account : `${account} ${quotaName}`}: ${remaining}${of} calls left${reset}`
  })
  const head = `${title}  ${duration(nowMs - progress.startedMs)}  ${countsLine(progress.counts)}`
  const all = [...progress.rows.values()]
  const maxRows = Math.max(1, lines - 2 - quotas.length)
  const shown = all.length <= maxRows ? all : mostRecent(all, maxRows)
  const hidden = all.length - shown.length
  const width = Math.max(0, ...shown.map(({ name }) => name.length))
  const body = shown.map((row) => `  ${mark(row)} ${row.name.padEnd(width)}  ${rowText(row, nowMs)}`.trimEnd())
  const more = hidden > 0 ? [`    and ${hidden} more, ${all.filter(isDone).length} of ${all.length} done`] : []
  return [head, ...body, ...more, ...quotas].map((line) =>
    line.length > columns ? `${line.slice(0, columns - 1)}…` : line,
  )
}

/** What a run took, in one line. */
export function countsLine(counts: RunCounts): string {
  const tokens = counts.inputTokens + counts.outputTokens
  const failed = counts.toolFailures > 0 ? ` (${counts.toolFailures} failed)` : ''
  return [
    amount(counts.modelCalls, 'model call'),
    ...(tokens > 0 ? [`${tokens.toLocaleString('en-US')} tokens`] : []),
    `${amount(counts.toolCalls, 'tool call')}${failed}`,
    ...(counts.rateLimited > 0 ? [`rate-limited ${counts.rateLimited}×`] : []),
    ...(counts.slow > 0 ? [`slow ${counts.slow}×`] : []),
  ].join(' · ')
}

const waits: Readonly<Record<string, string>> = {
  rate_limited: 'the rate limit',
  paced: 'the quota window',
  concurrency: 'a free place',
  retry: 'the next attempt',
  model_paced: "the model's pace",
}

/** What is waited for, and how much longer. */
export function waitText({ reason, untilMs }: Wait, nowMs: number): string {
  const what = waits[reason] ?? reason
  return untilMs === undefined || untilMs <= nowMs
    ? `waits for ${what}`
    : `waits ${duration(untilMs - nowMs)} for ${what}`
}

/** `0:07`, `1:02:33`; a started second counts. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  const two = (number: number) => String(number).padStart(2, '0')
  const hours = Math.floor(seconds / 3600)
  const minutes = Math.floor(seconds / 60) % 60
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`
}

function rowText(row: ProgressRow, nowMs: number): string {
  const note = row.note === '' ? '' : `  (${row.note})`
  if (row.endedMs !== undefined) {
    const took = `in ${duration(row.endedMs - row.startedMs)}`
    if (row.agent === '') return `done ${took}${note}`
    return `${row.agent}  ${row.failed ? 'gave up' : 'done'} ${took}, ${amount(row.modelCalls, 'model call')}`
  }
  const busy = [...row.activities.values()]
  const [first] = busy.toSorted((a, b) => rank(b) - rank(a))
  const who = first?.agent || row.agent
  const what = row.paced
    ? waitText(row.paced, nowMs)
    : first
      ? activityText(first, busy.length, nowMs)
      : row.thinking > 0
        ? 'thinks'
        : ''
  return [who, what].filter((part) => part !== '').join('  ') + note
}

function activityText(activity: Activity, number: number, nowMs: number): string {
  const others = number > 1 ? ` and ${number - 1} more` : ''
  return `${activity.tool}${others}${activity.wait ? `, ${waitText(activity.wait, nowMs)}` : ''}`
}

/** Who is waited for is named before those who work, and a colleague's call before the question that led to it. */
function rank({ wait, sinceMs }: Activity): number {
  return (wait ? 1e15 : 0) + sinceMs
}

function mark(row: ProgressRow): string {
  if (row.endedMs === undefined) return '▸'
  return row.failed ? '✗' : '✓'
}

function isDone(row: ProgressRow): boolean {
  return row.endedMs !== undefined
}

/** Those at work, then those that ended last, in the order in which they began. */
function mostRecent(rows: readonly ProgressRow[], max: number): ProgressRow[] {
  const later = (row: ProgressRow) => row.endedMs ?? Number.POSITIVE_INFINITY
  const kept = new Set(rows.toSorted((a, b) => (later(a) < later(b) ? 1 : later(a) > later(b) ? -1 : 0)).slice(0, max))
  return rows.filter((row) => kept.has(row))
}

function amount(number: number, thing: string): string {
  return `${number.toLocaleString('en-US')} ${thing}${number === 1 ? '' : 's'}`
}
