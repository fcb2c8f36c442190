/**
 * @module
 * A vendor whose answers are real and then spoiled: it asks the one behind it, and changes what comes back as it was
 * told for the next request. Tokens pass as they are.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Answer, send } from './answer.ts'

/** How one answer is spoiled. */
export type Warp =
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'header'; readonly name: string; readonly value: string }
  | { readonly kind: 'cut'; readonly at: number }
  | { readonly kind: 'hang_up' }
  | { readonly kind: 'body'; readonly bytes: Uint8Array; readonly status: number }
  /** The n-th value of the body, counted through, becomes this text. */
  | { readonly kind: 'value'; readonly nth: number; readonly text: string }
  /** The n-th object of the body gets one more member. */
  | { readonly kind: 'member'; readonly nth: number; readonly key: string; readonly text: string }

export interface WarpedVendor {
  readonly url: string
  /** From now on. */
  warp: readonly Warp[]
  /** Answers that were spoiled. */
  readonly warped: () => number
  close(): Promise<void>
}

export async function startWarpedVendor(behind: string): Promise<WarpedVendor> {
  let warped = 0
  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch(() => incoming.socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const vendor: WarpedVendor = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    warp: [],
    warped: () => warped,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return vendor

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const { method = 'GET', url: path = '/' } = incoming
    const { host: _, connection: __, 'content-length': ___, 'transfer-encoding': ____, ...kept } = incoming.headers
    const headers = Object.fromEntries(Object.entries(kept).map(([name, value]) => [name, String(value)]))
    const body = Buffer.concat(chunks)
    const answered = await send(behind, { method, path, headers, ...(body.length > 0 ? { body } : {}) })
    // Where the vendor calls itself by its address, it means this one.
    const real = { ...answered, text: answered.text.replaceAll(behind, vendor.url) }
    const warps = path.includes('/oauth') ? [] : vendor.warp
    if (warps.length > 0) warped += 1
    if (warps.some(({ kind }) => kind === 'hang_up')) return void incoming.socket.destroy()
    const { status, head, bytes } = spoil(real, warps)
    outgoing.writeHead(status, head)
    outgoing.end(bytes)
  }
}

function spoil(real: Answer, warps: readonly Warp[]) {
  const { 'content-length': _, 'transfer-encoding': __, connection: ___, ...kept } = real.headers
  const head: Record<string, string> = Object.fromEntries(
    Object.entries(kept).map(([name, value]) => [name, String(value)]),
  )
  let [status, bytes]: [number, Uint8Array] = [real.status, Buffer.from(real.text)]
  for (const warp of warps) {
    if (warp.kind === 'status') status = warp.status
    if (warp.kind === 'header') head[warp.name] = warp.value
    if (warp.kind === 'cut') bytes = bytes.subarray(0, warp.at % (bytes.length + 1))
    if (warp.kind === 'body') [status, bytes] = [warp.status, warp.bytes]
    if (warp.kind === 'value' || warp.kind === 'member')
      bytes = Buffer.from(retold(Buffer.from(bytes).toString(), warp))
  }
  return { status, head, bytes }
}

/** The text with one value or member more or other; as it is when it is not JSON. */
function retold(text: string, warp: Extract<Warp, { kind: 'value' | 'member' }>): string {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return text
  }
  const places = [...eachValue(parsed)].filter(
    (value) => warp.kind === 'value' || (isObject(value) && !Array.isArray(value)),
  )
  const chosen = warp.nth % Math.max(places.length, 1)
  let at = -1
  const write = (value: unknown): string => {
    const counts = warp.kind === 'value' || (isObject(value) && !Array.isArray(value))
    if (counts) at += 1
    const isChosen = counts && at === chosen
    if (isChosen && warp.kind === 'value') {
      // What was inside is not written, so it is not counted either.
      at = Number.POSITIVE_INFINITY
      return warp.text
    }
    if (Array.isArray(value)) return `[${value.map(write).join(',')}]`
    if (!isObject(value)) return JSON.stringify(value)
    const members = Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}:${write(inner)}`)
    if (isChosen && warp.kind === 'member') members.push(`${warp.key}:${warp.text}`)
    return `{${members.join(',')}}`
  }
  return write(parsed)
}

function* eachValue(value: unknown): Generator<unknown> {
  yield value
  if (isObject(value)) for (const inner of Object.values(value)) yield* eachValue(inner)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
