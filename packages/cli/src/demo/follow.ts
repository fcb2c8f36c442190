/**
 * @module
 * Runs a graph and hands on what it writes to its custom stream, subgraphs included, while it works.
 */
import type { CallEvent } from '@quartermaster/client'
import { z } from 'zod'

const progress = z.discriminatedUnion('type', [
  z.object({ type: z.literal('page'), into: z.string(), pages: z.number(), items: z.number() }),
  z.object({ type: z.literal('fan_out'), deals: z.number() }),
])
/** Calls are told in the client's own words; the rest of their shape is its promise. */
const call = z.looseObject({ type: z.string(), tool: z.string(), account: z.string() })

export type Progress = z.infer<typeof progress>

export interface Listeners {
  readonly onProgress?: (event: Progress) => void
  readonly onCall?: (event: CallEvent) => void
}

/** As much of a compiled graph as this needs; what it takes as input is the graph's own affair. */
interface Streaming {
  stream(input: never, options: object): Promise<AsyncIterable<unknown>>
}

const chunk = z.tuple([z.array(z.string()), z.enum(['custom', 'values']), z.unknown()])

/** @returns the state at the end, unchecked. */
export async function follow(graph: Streaming, input: object, options: object, on: Listeners): Promise<unknown> {
  let state: unknown
  const stream = await graph.stream(input as never, { ...options, streamMode: ['custom', 'values'], subgraphs: true })
  for await (const each of stream) {
    const [path, mode, value] = chunk.parse(each)
    if (mode === 'values') {
      if (path.length === 0) state = value
      continue
    }
    const known = progress.safeParse(value)
    if (known.success) on.onProgress?.(known.data)
    else if (call.safeParse(value).success) on.onCall?.(value as CallEvent)
  }
  return state
}
