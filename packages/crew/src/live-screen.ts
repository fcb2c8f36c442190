/**
 * @module
 * A frame in a terminal that is redrawn in place. It leaves its last state behind and the cursor below it.
 */
import type { Clock } from '@quartermaster/client'
import { progressFrame } from './progress-frame.ts'
import type { RunProgress } from './run-progress.ts'

/** As much of a terminal or a file as is needed; `process.stderr` is one. */
export interface WatchOutput {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
}

export interface LiveScreen {
  /** Draws a last time. */
  end(): void
}

/** Often enough to look alive, and countdowns move while nothing else happens. */
const REDRAW_MS = 200
const FALLBACK = { columns: 80, rows: 24 }
/** ECMA-48: cursor up and to the first column, then erase to the end of the screen. */
const back = (lines: number) => `\u001b[${lines}F\u001b[J`

export function liveScreen(
  progress: RunProgress,
  options: { readonly title: string; readonly output: WatchOutput; readonly clock: Clock },
): LiveScreen {
  const { title, output, clock } = options
  const ended = new AbortController()
  let drawn = 0
  const draw = () => {
    const { columns = FALLBACK.columns, rows = FALLBACK.rows } = output
    // One line less than there is room for, or the terminal scrolls and going back misses.
    const frame = progressFrame(progress, { title, nowMs: clock.now(), columns, lines: rows - 1 })
    output.write(`${drawn > 0 ? back(drawn) : ''}${frame.join('\n')}\n`)
    drawn = frame.length
  }
  const loop = async () => {
    while (!ended.signal.aborted) {
      draw()
      await clock.sleep(REDRAW_MS, ended.signal)
    }
  }
  loop().catch(() => undefined)
  return {
    end() {
      ended.abort()
      draw()
    },
  }
}
