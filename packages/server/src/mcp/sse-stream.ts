/**
 * @module
 * A stream of server-sent events with many writers. A client that does not read is disconnected, because unread
 * events stay in memory.
 */
export interface SseStream {
  readonly body: ReadableStream<Uint8Array>
  /** Writes one event; nothing once the stream has ended. `data` is one line. */
  event(name: string, data: string): void
  /** A line that clients skip. It keeps proxies and clients from taking silence for an end. */
  ping(): void
  /** Ends the stream after what has been written. */
  end(): void
}

/** A page of records is at most some 100 kB, so this is many unread answers. */
const MAX_UNREAD_BYTES = 4 * 1024 * 1024

/** @param onEnd Told once, when the stream has ended for whatever reason. */
export function sseStream(onEnd: () => void): SseStream {
  const encoder = new TextEncoder()
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  const body = new ReadableStream<Uint8Array>(
    {
      start(given) {
        controller = given
      },
      cancel: over,
    },
    new ByteLengthQueuingStrategy({ highWaterMark: MAX_UNREAD_BYTES }),
  )

  function over(): void {
    if (!controller) return
    controller = undefined
    onEnd()
  }

  function write(text: string): void {
    if (!controller) return
    controller.enqueue(encoder.encode(text))
    if ((controller.desiredSize ?? 0) > 0) return
    controller.error(new Error('Cannot write on: the reader does not read'))
    over()
  }

  return {
    body,
    event: (name, data) => write(`event: ${name}\ndata: ${data}\n\n`),
    ping: () => write(': ping\n\n'),
    end() {
      controller?.close()
      over()
    },
  }
}
