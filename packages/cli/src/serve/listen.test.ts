/** @module The listener against senders that are slow, silent or malformed, over raw sockets. */
import { connect, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { defaultListenLimits, type ListenLimits, listenHttp } from './listen.ts'

interface Heard {
  readonly text: string
  /** How long the connection stood. */
  readonly ms: number
}

async function start(limits: Partial<ListenLimits> = {}, answer = async () => new Response('ok')) {
  const seen: string[] = []
  const handle = async (request: Request) => {
    const body = await request.text()
    seen.push(`${request.method} ${new URL(request.url).pathname} ${body}`)
    return answer()
  }
  const all = { ...defaultListenLimits, ...limits }
  const server = await listenHttp(handle, { host: '127.0.0.1', port: 0 }, all)
  onTestFinished(() => server.stop(0))
  return { ...server, seen }
}

/** Sends `bytes`, then `more` as a drip, and hears until the server ends the connection. */
function send(
  port: number,
  bytes: string,
  drip?: { readonly piece: string; readonly everyMs: number },
): Promise<Heard> {
  const startedAt = performance.now()
  return new Promise((resolve) => {
    let text = ''
    const socket: Socket = connect(port, '127.0.0.1', () => socket.write(Buffer.from(bytes, 'latin1')))
    const timer = drip && setInterval(() => socket.write(drip.piece), drip.everyMs)
    socket.on('data', (chunk) => (text += chunk.toString('latin1')))
    socket.on('error', () => {})
    socket.on('close', () => {
      clearInterval(timer)
      resolve({ text, ms: performance.now() - startedAt })
    })
  })
}

const statusOf = ({ text }: Heard) => /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 'closed'
const head = (lines: readonly string[]) => `${lines.join('\r\n')}\r\n\r\n`
const post = ['POST /mcp/x HTTP/1.1', 'Host: localhost', 'Connection: close', 'Content-Type: application/json']

test.each([
  ['two different lengths', [...post, 'Content-Length: 2', 'Content-Length: 3'], '{}x'],
  ['the same length twice', [...post, 'Content-Length: 2', 'Content-Length: 2'], '{}'],
  ['a list of lengths', [...post, 'Content-Length: 2, 2'], '{}'],
  ['a signed length', [...post, 'Content-Length: +2'], '{}'],
  ['a length in hexadecimal', [...post, 'Content-Length: 0x2'], '{}'],
  ['a length and chunks', [...post, 'Content-Length: 5', 'Transfer-Encoding: chunked'], '0\r\n\r\n'],
  ['chunks and then something else', [...post, 'Transfer-Encoding: chunked, identity'], '0\r\n\r\n'],
  ['chunks by another name', [...post, 'Transfer-Encoding: xchunked'], '0\r\n\r\n'],
  ['chunks with a vertical tab', [...post, 'Transfer-Encoding: \x0bchunked'], '0\r\n\r\n'],
  ['an encoding with space before the colon', [...post, 'Transfer-Encoding : chunked'], '0\r\n\r\n'],
  ['a chunk size that is none', [...post, 'Transfer-Encoding: chunked'], 'zz\r\n{}\r\n0\r\n\r\n'],
  ['a chunk size with a sign', [...post, 'Transfer-Encoding: chunked'], '-2\r\n{}\r\n0\r\n\r\n'],
  ['a folded line', [...post, 'X-Folded: a', ' b', 'Content-Length: 2'], '{}'],
  ['a NUL in a value', [...post, 'X-Bad: a\0b', 'Content-Length: 2'], '{}'],
  ['a NUL in a name', [...post, 'X-B\0ad: a', 'Content-Length: 2'], '{}'],
  ['a lone CR in a value', [...post, 'X-Bad: a\rX-Smuggled: b', 'Content-Length: 2'], '{}'],
  ['a space in a name', [...post, 'X Bad: a', 'Content-Length: 2'], '{}'],
  ['an empty name', [...post, ': a', 'Content-Length: 2'], '{}'],
  ['no host', ['POST /mcp/x HTTP/1.1', 'Connection: close', 'Content-Length: 2'], '{}'],
  ['two hosts', [...post, 'Host: other', 'Content-Length: 2'], '{}'],
  ['a NUL in the path', ['GET /mcp/\0x HTTP/1.1', 'Host: localhost', 'Connection: close'], ''],
  ['a CR in the path', ['GET /mcp/\rx HTTP/1.1', 'Host: localhost', 'Connection: close'], ''],
  ['an unknown protocol', ['GET / HTTQ/1.1', 'Host: localhost'], ''],
  ['a head that never ends', [...post, `X-Long: ${'x'.repeat(20_000)}`, 'Content-Length: 2'], '{}'],
])('listenHttp() refuses %s, and no handler sees it', async (_, lines, body) => {
  const { port, seen } = await start()
  const status = statusOf(await send(port, head(lines) + body))
  expect(['400', '431', '500', 'closed']).toContain(status)
  expect(seen).toEqual([])
})

test('listenHttp() answers what is well formed: the control of the refusals above', async () => {
  const { port, seen } = await start()
  expect(statusOf(await send(port, `${head([...post, 'Content-Length: 2'])}{}`))).toBe('200')
  expect(statusOf(await send(port, `${head([...post, 'Transfer-Encoding: chunked'])}2\r\n{}\r\n0\r\n\r\n`))).toBe('200')
  expect(seen).toEqual(['POST /mcp/x {}', 'POST /mcp/x {}'])
})

/** Longer than any test: whoever waits for it hangs. */
const LONG_MS = 3_600_000
const impatient = { headersMs: 300, requestMs: 600, checkEveryMs: 50 }

test('listenHttp() cuts off who sends the head byte by byte', async () => {
  const { port, seen } = await start(impatient)
  const slow = await send(port, 'POST /mcp/x HTTP/1.1\r\nHost: localhost\r\nX-Slow: ', { piece: 'x', everyMs: 20 })
  expect(statusOf(slow)).toBe('408')
  expect(slow.ms).toBeGreaterThanOrEqual(250)
  expect(seen).toEqual([])
})

test('listenHttp() cuts off who sends the body byte by byte', async () => {
  const { port, seen } = await start(impatient)
  const slow = await send(port, head([...post, 'Content-Length: 1000000']), { piece: 'x', everyMs: 20 })
  expect(slow.ms).toBeGreaterThanOrEqual(550)
  expect(seen).toEqual([])
})

test('listenHttp() cuts off who connects and says nothing', async () => {
  const { port } = await start(impatient)
  expect((await send(port, '')).text).toMatch(/^(HTTP\/1\.1 408|$)/)
})

test('listenHttp() serves others while hundreds of senders are slow, and all of those end', async () => {
  const { port, url } = await start(impatient)
  const slow = Array.from({ length: 300 }, () => send(port, 'POST /mcp/x HTTP/1.1\r\nHost: localhost\r\nX-Slow: '))
  const healthy: number[] = []
  for (let nth = 0; nth < 20; nth += 1) healthy.push((await fetch(url)).status)
  expect(healthy).toEqual(Array(20).fill(200))
  expect((await Promise.all(slow)).map(statusOf)).toEqual(Array(300).fill('408'))
})

test('listenHttp() cuts off who does not read the answer', async () => {
  const cut = Promise.withResolvers<void>()
  const endless = () =>
    new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
      cancel: () => cut.resolve(),
    })
  const { port } = await start({ stalledMs: 300 }, async () => new Response(endless()))
  const socket = connect(port, '127.0.0.1', () => {
    socket.write(head(['GET / HTTP/1.1', 'Host: localhost']))
    socket.pause()
  })
  socket.on('error', () => {})
  onTestFinished(() => void socket.destroy())
  await cut.promise
})

test('listenHttp() refuses more connections than it was told to hold', async () => {
  const { port } = await start({ connections: 5 })
  for (let nth = 0; nth < 5; nth += 1) void send(port, 'GET / HTTP/1.1\r\n')
  const sixth = await send(port, head(['GET / HTTP/1.1', 'Host: localhost', 'Connection: close']))
  expect(sixth.text).toBe('')
})

test('listenHttp() lets answers under way finish when it stops, refuses new connections, and cuts at the bound', async () => {
  const [begun, finish] = [Promise.withResolvers<void>(), Promise.withResolvers<Response>()]
  const server = await listenHttp(
    () => {
      begun.resolve()
      return finish.promise
    },
    { host: '127.0.0.1', port: 0 },
  )
  const underWay = fetch(server.url)
  await begun.promise
  const stopped = server.stop(LONG_MS)
  // Who had connected is still accepted; soon nobody is.
  while (await isOpen(server.port));
  finish.resolve(new Response('late but whole'))
  const answer = await underWay
  expect([answer.headers.get('connection'), await answer.text()]).toEqual(['close', 'late but whole'])
  await stopped

  const endless = await listenHttp(async () => new Response(new ReadableStream({})), { host: '127.0.0.1', port: 0 })
  await fetch(endless.url)
  await endless.stop(200)
})

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

/** What one connection that asks at once is answered. */
function ask(port: number): Promise<string> {
  return new Promise((resolve) => {
    let answer = ''
    const socket = connect({ port, host: '127.0.0.1' })
    socket.write('GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n')
    socket.on('data', (chunk) => {
      answer += String(chunk)
    })
    socket.on('error', (error) => resolve(String(error)))
    socket.on('close', () => resolve(answer))
  })
}

test('stop() answers whoever had connected, though nobody had been accepted yet, and then nobody', async () => {
  const { port, stop } = await listenHttp(async () => new Response('yes'), { host: '127.0.0.1', port: 0 })
  const asked = Array.from({ length: 20 }, () => ask(port))
  // The connections stand in the kernel; this process has not had a turn to accept one.
  await stop(5_000)
  const answers = await Promise.all(asked)
  expect(answers.filter((answer) => !answer.startsWith('HTTP/1.1 200 OK'))).toEqual([])
  expect(answers.filter((answer) => !/connection: close/i.test(answer))).toEqual([])
  expect(await ask(port)).toMatch(/ECONNREFUSED/)
})
