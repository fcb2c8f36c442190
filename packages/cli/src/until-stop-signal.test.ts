import { EventEmitter } from 'node:events'
import { expect, it } from 'vitest'
import { untilStopSignal } from './until-stop-signal.ts'

function fakeProcess() {
  const signals = new EventEmitter()
  const exits: unknown[] = []
  const exit = (code: unknown) => void exits.push(code)
  return {
    from: Object.assign(signals, { exit }) as unknown as NodeJS.Process,
    exits,
    send: () => signals.emit('SIGINT', 'SIGINT'),
  }
}

it('takes two signals that arrive together, as from npx and its terminal, for one request', async () => {
  const { from, exits, send } = fakeProcess()
  let at = 5_000
  const asked = untilStopSignal(from, () => at)
  send()
  at += 20
  send()
  expect(await asked).toBe('SIGINT')
  expect(exits).toEqual([])
})

it('ends at once on a signal that is sent again later', async () => {
  const { from, exits, send } = fakeProcess()
  let at = 5_000
  const asked = untilStopSignal(from, () => at)
  send()
  at += 1_000
  send()
  await asked
  expect(exits).toEqual([130])
})
