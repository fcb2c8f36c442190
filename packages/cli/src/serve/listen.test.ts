import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { listenHttp } from './listen.ts'

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
