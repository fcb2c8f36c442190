import { expect, test } from 'vitest'
import { progressFrame } from './progress-frame.ts'
import { progressLines } from './progress-lines.ts'
import { readProgress } from './read-progress.ts'
import { runProgress } from './run-progress.ts'

const place = { crew: 'review', task: 'numbers', agent: 'analyst' }
const call = { tool: 'list_deals', account: 'acc_1', toolCallId: 'c1' }
const inTask = ['numbers:8433']

function after(...events: (readonly [at: number, path: readonly string[], value: unknown])[]) {
  const progress = runProgress(0)
  for (const [at, path, value] of events) {
    const event = readProgress(value)
    if (!event) throw new Error(`not understood: ${JSON.stringify(value)}`)
    progress.add(event, path, at)
  }
  const frame = (nowMs: number, size = { columns: 100, lines: 20 }) =>
    progressFrame(progress, { title: 'review', nowMs, ...size })
  return { progress, frame }
}

const started = [0, [], { ...place, type: 'task_started' }] as const
const asks = [1_000, [], { ...place, type: 'tool_started', tool: 'list_deals', toolCallId: 'c1' }] as const

test('progressFrame() says who works, with which tool, and how long it still waits for what', () => {
  const { frame } = after(
    started,
    [0, [], { ...place, type: 'model_call' }],
    [900, [], { ...place, type: 'model_answer', inputTokens: 1200, outputTokens: 34 }],
    asks,
    [1_100, inTask, { ...call, type: 'tool_call' }],
    [1_200, inTask, { ...call, type: 'rate_limited', attempt: 1, waitMs: 9_000, retryAfterS: 9 }],
    [1_200, inTask, { ...call, type: 'waiting', reason: 'rate_limited', waitMs: 9_000, attempt: 2 }],
  )
  expect(frame(4_200)).toEqual([
    'review  0:05  1 model call · 1,234 tokens · 0 tool calls · rate-limited 1×',
    '  ▸ numbers  analyst  list_deals, waits 0:06 for the rate limit',
  ])
})

test('progressFrame() shows what is left of the quota, and a task that is done', () => {
  const { frame } = after(
    started,
    asks,
    [1_500, inTask, { ...call, type: 'tool_result', ok: true, attempts: 1, ms: 400 }],
    [1_500, inTask, { type: 'quota', account: 'acc_1', status: 200, remaining: 94, limit: 110, reset: 10 }],
    [1_600, [], { ...place, type: 'tool_ended', tool: 'list_deals', toolCallId: 'c1', ok: true }],
    [2_000, [], { ...place, type: 'task_ended', ok: true }],
  )
  expect(frame(2_500)).toEqual([
    'review  0:03  0 model calls · 1 tool call',
    '  ✓ numbers  analyst  done in 0:02, 0 model calls',
    '  acc_1: 94 of 110 calls left, full again in 0:09',
  ])
})

test('progressFrame() shows each quota of an account, and keeps to its room with many', () => {
  const quota = (account: string, scope: string | undefined, remaining: number) =>
    [1_000, [], { type: 'quota', account, scope, remaining, limit: 110, reset: 10 }] as const
  const two = after(quota('acc_1', 'burst', 3), quota('acc_1', 'search', 4), quota('acc_2', undefined, 5))
  two.progress.add(readProgress(quota('acc_1', 'burst', 2)[2]) as never, [], 2_000)
  expect(two.frame(20_000).slice(1)).toEqual([
    '  acc_1 burst: 2 of 110 calls left',
    '  acc_1 search: 4 of 110 calls left',
    '  acc_2: 5 of 110 calls left',
  ])
  const many = after(started, ...Array.from({ length: 30 }, (_, nth) => quota(`acc_${nth}`, 'burst', nth)))
  expect(many.frame(2_000, { columns: 80, lines: 8 }).length).toBeLessThanOrEqual(8)
})

test('progressLines() tells of a slow tool once a minute, and the count tells all', () => {
  const progress = runProgress(0)
  const lineOf = progressLines()
  const slow = { ...call, type: 'sla_exceeded', attempt: 1, ms: 2_430, slaMs: 1_000 }
  const told = [0, 10, 59_999, 60_000].flatMap((at) => {
    const event = readProgress(slow) as never
    progress.add(event, [], at)
    return lineOf(event, progress, at) ?? []
  })
  expect(told).toEqual(Array(2).fill('acc_1: list_deals took 2.4 s, more than 1.0 s'))
  expect(progress.counts.slow).toBe(4)
})

test('runProgress() gives a call to the task that made it, deep in other graphs too, and to its node where there is no task', () => {
  const branch = ['work:1', 'numbers:2', '1']
  const { progress } = after(
    [0, ['work:1'], { ...place, type: 'task_started' }],
    [0, ['work:9'], { ...place, type: 'task_started' }],
    [1, branch, { ...call, type: 'tool_call' }],
    [1, ['read:5'], { ...call, toolCallId: undefined, type: 'tool_call' }],
  )
  const busy = [...progress.rows.values()].map(({ name, activities }) => [name, activities.size])
  expect(busy).toEqual([
    ['numbers', 1],
    ['numbers', 0],
    ['read', 1],
  ])
})

test('runProgress() adds up the branches of a fan-out, each counted once', () => {
  const mapped = (branch: number, done: number) => ({
    type: 'mapped',
    node: 'enrich',
    branch,
    done,
    of: 200,
    total: 400,
  })
  const { progress, frame } = after([0, [], mapped(0, 25)], [1, [], mapped(1, 25)], [2, [], mapped(0, 50)])
  expect(frame(10)[1]).toBe('  ▸ enrich    (75 of 400)')
  progress.end(3_000)
  expect(frame(3_000)[1]).toBe('  ✓ enrich  done in 0:03  (75 of 400)')
})

test('progressFrame() keeps to the room it has, and shows those at work first', () => {
  const events = Array.from({ length: 30 }, (_, n) => n).flatMap((n) => [
    [n, [], { ...place, task: `t${n}`, type: 'task_started' }] as const,
    ...(n < 28 ? [[100 + n, [], { ...place, task: `t${n}`, type: 'task_ended', ok: n > 0 }] as const] : []),
  ])
  const drawn = after(...events).frame(200, { columns: 24, lines: 6 })
  expect(drawn).toHaveLength(6)
  expect(drawn.join('\n')).toContain('t28')
  expect(drawn.join('\n')).toContain('t29')
  expect(drawn[5]).toBe('    and 26 more, 28 of …')
  for (const line of drawn) expect(line.length).toBeLessThanOrEqual(24)
})

test('readProgress() lets no name steer the terminal, and knows nothing of what is not its own', () => {
  const event = readProgress({ ...call, tool: '\u001b[2J\u202elist\u0007\n', type: 'tool_call' })
  expect(event).toMatchObject({ tool: '[2Jlist' })
  for (const value of [undefined, null, 'x', {}, { type: 'page' }, { type: 'nope' }, { type: 'waiting', waitMs: -1 }]) {
    expect(readProgress(value)).toBeUndefined()
  }
})

test('progressLines() has a line for what matters afterwards and none for the rest', () => {
  const line = (value: unknown) => progressLines()(readProgress(value) as never, runProgress(0), 0)
  expect(line({ ...place, type: 'task_started' })).toBe('numbers: analyst starts')
  expect(line({ ...call, type: 'rate_limited', waitMs: 0, retryAfterS: 3600 })).toBe(
    'acc_1: the rate limit is met by list_deals, and not waited for (1:00:00)',
  )
  expect(line({ ...call, type: 'tool_result', ok: true, ms: 1 })).toBeUndefined()
})

test('progressLines() tells a wait that many calls share once, and a fan-out at every tenth', () => {
  const progress = runProgress(0)
  const lineOf = progressLines()
  const lines = (at: number, value: unknown) => {
    const event = readProgress(value) as never
    progress.add(event, [], at)
    return lineOf(event, progress, at) ?? []
  }
  const refused = { ...call, type: 'rate_limited', waitMs: 4_000 }
  const told = [0, 10, 3_999, 4_000].flatMap((at) => lines(at, refused))
  expect(told).toHaveLength(2)
  const mapped = (done: number) => lines(5_000, { type: 'mapped', node: 'enrich', branch: 0, done, total: 1_000 })
  expect([25, 50, 75, 100, 125, 225, 1_000].flatMap(mapped)).toEqual([
    'enrich: 100 of 1,000',
    'enrich: 225 of 1,000',
    'enrich: 1,000 of 1,000',
  ])
})
