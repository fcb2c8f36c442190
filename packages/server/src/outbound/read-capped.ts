/**
 * @module
 * Reads a stream of bytes up to a cap, so that a sender cannot choose how much memory its body takes.
 */

/** All bytes; undefined when there are more than `maxBytes`, and then the stream is given up. */
export async function readCapped(chunks: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Buffer | undefined> {
  const read: Uint8Array[] = []
  let size = 0
  for await (const chunk of chunks) {
    size += chunk.length
    if (size > maxBytes) return undefined
    read.push(chunk)
  }
  return Buffer.concat(read)
}
