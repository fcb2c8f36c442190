import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { Worker } from 'node:worker_threads'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createUpstream } from './upstream.ts'

/** Counts connections and bytes; answers every request with an empty 200. */
async function listener() {
  const seen = { connections: 0, bytes: 0 }
  const server = createServer((socket) => {
    seen.connections += 1
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      seen.bytes += chunk.length
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const upstream = createUpstream({ dangerouslyAllowPrivateAddresses: true })
  onTestFinished(async () => {
    await upstream.close()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`
  const send = (maySend: () => boolean) =>
    upstream.send({ method: 'POST', url, headers: {}, body: 'refresh_token=secret' }, { timeoutMs: 5_000, maySend })
  return { seen, send }
}

test('send() asks again when the connection stands, and sends not one byte when it is too late by then', async () => {
  const { seen, send } = await listener()
  let asked = 0
  // The connection is made after the call has begun: that is when a process may be stopped for long.
  const late = send(() => {
    asked += 1
    return false
  })
  expect(asked).toBe(0)
  await expect(late).rejects.toMatchObject({ kind: 'too_late', sent: false })
  expect(asked).toBe(1)
  expect(seen).toEqual({ connections: 1, bytes: 0 })
})

test('send() works as ever when there is time, before and after a request that came too late', async () => {
  const { send } = await listener()
  expect(await send(() => true)).toMatchObject({ status: 200 })
  await expect(send(() => false)).rejects.toMatchObject({ kind: 'too_late' })
  expect(await send(() => true)).toMatchObject({ status: 200 })
})

/** Indices of the memory that the test and the answering thread share. */
const STOPPED = 0
const ANSWERED = 1

/** Answers its request as soon as the test's thread has stopped, and says so in the shared memory. */
const answerer = `
  const { workerData, parentPort } = require('node:worker_threads')
  const { createServer } = require('node:http')
  const shared = new Int32Array(workerData)
  const server = createServer((request, response) => {
    parentPort.postMessage('asked')
    Atomics.wait(shared, ${STOPPED}, 0)
    response.end('the only copy', () => {
      Atomics.store(shared, ${ANSWERED}, 1)
      Atomics.notify(shared, ${ANSWERED})
    })
  })
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))`

test('send() reads an answer that came while the process stood still, though its deadline has passed meanwhile', async () => {
  const shared = new Int32Array(new SharedArrayBuffer(8))
  const worker = new Worker(answerer, { eval: true, workerData: shared.buffer })
  const [port] = await once(worker, 'message')
  const upstream = createUpstream({ dangerouslyAllowPrivateAddresses: true })
  const { setTimeout: soon } = globalThis
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(async () => {
    vi.useRealTimers()
    await upstream.close()
    await worker.terminate()
  })
  const request = { method: 'POST', url: `http://127.0.0.1:${port}/token`, headers: {}, body: 'x' } as const
  const sent = upstream.send(request, { timeoutMs: 300 })
  // Nothing of this thread runs from here, where the request has arrived, until the answer is there and it is too late.
  // A process that wakes runs its timers first, so this is done by one.
  worker.once('message', () => {
    soon(() => {
      Atomics.store(shared, STOPPED, 1)
      Atomics.notify(shared, STOPPED)
      Atomics.wait(shared, ANSWERED, 0)
      vi.advanceTimersByTime(400)
    })
  })
  expect((await sent).body).toBe('the only copy')
})
