/**
 * @module
 * Reads every record in so many branches, within a time limit, and adds up what it took.
 */
import type { Read, Wire } from './ways.ts'

export interface Outcome {
  readonly records: number
  readonly lost: number
  /** From the first request to the last answer. */
  readonly ms: number
  readonly sent: number
  readonly refused: number
  /** Refusals in the fullest window. */
  readonly refusedPerWindow: number
}

export interface ReadAllOptions {
  readonly ids: readonly string[]
  readonly records: number
  readonly branches: number
  readonly windowMs: number
  /** Records that are not read by then are lost. */
  readonly withinMs: number
}

export async function readAll(wire: Wire, read: Read, options: ReadAllOptions): Promise<Outcome> {
  const { ids, records, branches, windowMs, withinMs } = options
  const started = Date.now()
  let next = 0
  let got = 0
  const branch = async () => {
    while (next < records && Date.now() - started < withinMs) {
      const id = ids[next % ids.length] ?? ''
      next += 1
      if (await read(id)) got += 1
    }
  }
  await Promise.all(Array.from({ length: branches }, branch))
  const ms = Date.now() - started
  const windows = new Map<number, number>()
  for (const at of wire.refusedAt) {
    const window = Math.floor((at - started) / windowMs)
    windows.set(window, (windows.get(window) ?? 0) + 1)
  }
  return {
    records,
    lost: records - got,
    ms,
    sent: wire.sent,
    refused: wire.refusedAt.length,
    refusedPerWindow: Math.max(0, ...windows.values()),
  }
}
