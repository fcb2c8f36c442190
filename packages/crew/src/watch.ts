/**
 * @module
 * Runs a graph and shows a person what it is doing: a frame that is redrawn on a terminal, plain lines elsewhere, or
 * nothing. Built on the graph's own stream, so it works with every graph, and a run does not depend on being watched.
 */
import { type Clock, systemClock } from '@quartermaster/client'
import { liveScreen, type WatchOutput } from './live-screen.ts'
import { countsLine, duration } from './progress-frame.ts'
import { progressLines } from './progress-lines.ts'
import { type ProgressEvent, readProgress } from './read-progress.ts'
import { type RunCounts, type RunProgress, runProgress } from './run-progress.ts'

/** How to show the run. */
export interface WatchOptions {
  /**
   * `live` redraws a frame, `lines` prints plain lines, `quiet` prints nothing. Default: `live` when the output is a
   * terminal, else `lines`.
   */
  readonly mode?: 'live' | 'lines' | 'quiet'
  /** Default: standard error, so that standard output stays the program's own. */
  readonly output?: WatchOutput
  /** Default: the name of the graph. */
  readonly title?: string
  /** For the graph: `configurable`, `signal`, `callbacks`, `recursionLimit`. */
  readonly config?: Readonly<Record<string, unknown>>
  /** Every event that is understood, after it was counted. When it throws, the run goes on, and a line at the end says so. */
  readonly onEvent?: (event: ProgressEvent, progress: RunProgress) => void
  readonly clock?: Clock
}

/** How a watched run ended. */
export interface Watched<S> {
  /** The state at the end, or at the interrupt. */
  readonly state: S
  /** What the graph waits for, when it has stopped for a person or for a time: the values of its interrupts. */
  readonly interrupts: readonly unknown[]
  readonly counts: RunCounts
}

/** A compiled graph. */
export interface Watchable<S> {
  readonly name?: string
  invoke(input: never, config?: never): Promise<S>
  stream(input: never, options: never): Promise<AsyncIterable<unknown>>
}

/**
 * Runs `graph` to its end or to its next interrupt and shows what it does.
 *
 * @example
 * ```ts
 * const { state, interrupts } = await watch(review.compile(), { inputs: { quarter: 'Q3' } })
 * ```
 * @throws whatever the graph throws; the last frame is drawn first.
 */
export async function watch<S>(graph: Watchable<S>, input: unknown, options: WatchOptions = {}): Promise<Watched<S>> {
  const { output = process.stderr, clock = systemClock, config = {}, title = graph.name ?? 'run' } = options
  const { mode = output.isTTY === true ? 'live' : 'lines' } = options
  const progress = runProgress(clock.now())
  const screen = mode === 'live' ? liveScreen(progress, { title, output, clock }) : undefined
  const lineOf = progressLines()
  let state: unknown
  let failedListeners = 0
  let interrupts: readonly unknown[] = []
  const take = (path: readonly string[], value: unknown) => {
    const event = readProgress(value)
    if (!event) return
    progress.add(event, path, clock.now())
    const line = mode === 'lines' ? lineOf(event, progress, clock.now()) : undefined
    if (line !== undefined) output.write(`${line}\n`)
    // In an async function a listener that throws and one whose promise is rejected are the same.
    const notify = async () => options.onEvent?.(event, progress)
    notify().catch(() => {
      failedListeners += 1
    })
  }
  try {
    const wanted = { ...config, streamMode: ['custom', 'values'], subgraphs: true }
    for await (const chunk of await graph.stream(input as never, wanted as never)) {
      const [path, kind, value] = chunk as [readonly string[], 'custom' | 'values', unknown]
      if (kind === 'custom') take(path, value)
      else if (path.length === 0) {
        const stopped: unknown = Reflect.get(Object(value), '__interrupt__')
        if (Array.isArray(stopped)) interrupts = stopped.map((each: unknown) => Reflect.get(Object(each), 'value'))
        else state = value
      }
    }
    if (interrupts.length === 0) progress.end(clock.now())
  } finally {
    screen?.end()
  }
  const took = `after ${duration(clock.now() - progress.startedMs)}: ${countsLine(progress.counts)}`
  const waits = interrupts.length === 1 ? 'waits for an answer' : `waits for ${interrupts.length} answers`
  // The frame does not show what the graph waits for, so a line below it says that the graph has stopped.
  if (mode !== 'quiet' && interrupts.length > 0) output.write(`${title} ${waits} ${took}\n`)
  else if (mode === 'lines') output.write(`${title} is done ${took}\n`)
  if (mode !== 'quiet' && failedListeners > 0)
    output.write(`${title}: onEvent failed ${failedListeners}×; the run went on without it\n`)
  return { state: state as S, interrupts, counts: { ...progress.counts } }
}
