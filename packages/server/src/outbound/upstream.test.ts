/** @module Systems that answer too much, too slowly, in disguise or from elsewhere, as real servers. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { brotliCompressSync, createGzip, gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { createUpstream, UpstreamFault } from './upstream.ts'

const SECRET = 'at-9f8e7d6c'

/** Sends one request, with a token, to a server that does this. */
async function ask(answer: (response: ServerResponse, request: IncomingMessage) => void, timeoutMs = 5_000) {
  const server = createServer((request, response) => answer(response, request))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const upstream = createUpstream({ dangerouslyAllowPrivateAddresses: true })
  onTestFinished(async () => {
    await upstream.close()
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`
  const request = { method: 'GET' as const, url, headers: { authorization: `Bearer ${SECRET}` } }
  return upstream.send(request, { timeoutMs })
}

async function faultOf(sent: Promise<unknown>): Promise<UpstreamFault> {
  const error = await sent.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(UpstreamFault)
  const fault = error as UpstreamFault
  expect([fault.message, fault.stack, fault.cause, JSON.stringify(fault)].join()).not.toContain(SECRET)
  return fault
}

const zeros = Buffer.alloc(64 * 1024)

test('send() stops a bomb that never ends at the cap, and memory does not grow with it', async () => {
  const before = process.memoryUsage().rss
  let inflated = 0
  const bomb = faultOf(
    ask((response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' })
      const gzip = createGzip({ level: 9 })
      gzip.pipe(response)
      const more = () => {
        let room = true
        while (room && !gzip.destroyed) {
          room = gzip.write(zeros)
          inflated += zeros.length
        }
      }
      gzip.on('drain', more)
      response.on('close', () => gzip.destroy())
      more()
    }, 20_000),
  )
  expect(await bomb).toMatchObject({ kind: 'too_large', sent: true })
  expect(inflated).toBeGreaterThan(4 * 1024 * 1024)
  expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024)
})

test.each([
  ['gzip', gzipSync(Buffer.alloc(64 * 1024 * 1024))],
  ['br', brotliCompressSync(Buffer.alloc(64 * 1024 * 1024))],
])('send() stops a small %s bomb at the cap', async (coding, body) => {
  expect(body.length).toBeLessThan(128 * 1024)
  const bomb = ask((response) => response.writeHead(200, { 'content-encoding': coding }).end(body))
  expect(await faultOf(bomb)).toMatchObject({ kind: 'too_large', sent: true })
})

test.each([
  ['twice encoded', 'gzip, gzip', gzipSync(gzipSync('{}'))],
  ['in a coding that is not known', 'zz', Buffer.from('{}')],
  ['in a coding named like a member of every object', 'constructor', Buffer.from('{}')],
  ['said to be encoded when it is not', 'gzip', Buffer.from(`{"token":"${SECRET}"}`)],
  ['cut off', 'gzip', gzipSync('{"a":1}').subarray(0, 15)],
])('send() calls an answer broken that is %s', async (_name, coding, body) => {
  const answer = ask((response) => response.writeHead(200, { 'content-encoding': coding }).end(body))
  expect(await faultOf(answer)).toMatchObject({ kind: 'broken', sent: true })
})

test('send() reads an answer up to the cap, encoded or not, and drops a byte order mark', async () => {
  const text = JSON.stringify({ name: 'Zoë', pad: 'x'.repeat(4 * 1024 * 1024 - 32) })
  const plain = await ask((response) => response.end(`\uFEFF${text}`))
  expect(plain.body.length).toBe(text.length)
  expect(JSON.parse(plain.body)).toMatchObject({ name: 'Zoë' })
  const coded = await ask((response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(text)))
  expect(coded.body).toBe(text)
  const more = ask((response) => response.end(Buffer.alloc(4 * 1024 * 1024 + 1)))
  expect(await faultOf(more)).toMatchObject({ kind: 'too_large' })
})

test.each<[string, (response: ServerResponse) => void]>([
  ['never answers', () => {}],
  ['never ends', (response) => void response.writeHead(200).write('{')],
  ['drips', (response) => drip(response.writeHead(200), Buffer.from(' '))],
  ['drips empty gzip members', (response) => drip(gzipped(response), gzipSync(''))],
  ['drips headers of its own', (response) => response.writeEarlyHints({ link: '</x>; rel=preload' })],
])('send() gives up on a system that %s when the time is over', async (_name, answer) => {
  expect(await faultOf(ask(answer, 300))).toMatchObject({ kind: 'timeout', sent: true })
})

function gzipped(response: ServerResponse): ServerResponse {
  return response.writeHead(200, { 'content-encoding': 'gzip' })
}

function drip(response: ServerResponse, drop: Buffer): void {
  const timer = setInterval(() => response.write(drop), 5)
  response.on('close', () => clearInterval(timer))
}

test.each([300, 301, 302, 303, 305, 307, 308])(
  'send() takes a %i as the answer and carries no token on',
  async (status) => {
    const heard: IncomingMessage['headers'][] = []
    const elsewhere = createServer((request, response) => {
      heard.push(request.headers)
      response.end('{}')
    })
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void elsewhere.close())
    const location = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`
    const answer = await ask((response) =>
      response.writeHead(status, { location, refresh: `0; url=${location}` }).end(),
    )
    expect(answer.status).toBe(status)
    expect(heard).toEqual([])
    // A client that follows does come there, so the server can tell.
    if (status === 302) {
      await ask((response) => response.writeHead(302, { location }).end())
      await fetch(location)
      expect(heard).toHaveLength(1)
    }
  },
)

test('send() refuses a URL that is none, and one with user info, before anything is sent', async () => {
  const upstream = createUpstream()
  onTestFinished(() => upstream.close())
  for (const url of ['', 'https://', 'https://[fe80::1%25eth0]/', 'https://:pw@example.com/', 'http://example.com/']) {
    const sent = upstream.send({ method: 'GET', url, headers: {} }, { timeoutMs: 1_000 })
    expect([url, (await faultOf(sent)).kind, (await faultOf(sent)).sent]).toEqual([url, 'refused_address', false])
  }
})
