import { spawn } from 'node:child_process'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
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

const sender = `
  const { createUpstream } = await import(${JSON.stringify(new URL('./upstream.ts', import.meta.url).href)})
  const upstream = createUpstream({ dangerouslyAllowPrivateAddresses: true })
  const request = { method: 'POST', url: process.argv[1], headers: {}, body: 'x' }
  const { body } = await upstream.send(request, { timeoutMs: 300 }).catch((error) => ({ body: String(error) }))
  console.log(body)
  await upstream.close()`

test('send() reads an answer that came while the process was stopped, though its deadline has passed meanwhile', async () => {
  const server = createHttpServer((_, response) => {
    child.kill('SIGSTOP')
    response.end('the only copy')
    setTimeout(() => child.kill('SIGCONT'), 600)
  })
  onTestFinished(() => void server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`
  const child = spawn(process.execPath, ['--conditions=quartermaster-source', '--input-type=module', '-e', sender, url])
  let said = ''
  child.stdout.on('data', (chunk) => {
    said += String(chunk)
  })
  await new Promise((resolve) => child.once('close', resolve))
  expect(said.trim()).toBe('the only copy')
})
