import type { Clock } from '@quartermaster/client'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { crew } from './crew.ts'
import { crewFromYaml } from './crew-from-yaml.ts'
import { scriptedModel } from './scripted-model.ts'

const inputs = z.object({})

/** Sleeping moves it on at once. */
function leaping() {
  let now = 0
  const clock: Clock = {
    now: () => now,
    sleep: async (ms) => {
      now += ms
    },
  }
  /** Notes for each agent when its model is called. */
  const calls: string[] = []
  const model = scriptedModel(({ messages }) => {
    calls.push(`${/You are (\w)/.exec(messages[0]?.text ?? '')?.[1]} ${now / 1000}`)
    return 'done'
  })
  return { clock, calls, model }
}

/** Five tasks, one after the other, of two agents in turn. */
function taken(of: { readonly crew?: number; readonly a?: number; readonly b?: number }) {
  const { clock, calls, model } = leaping()
  const rpm = (maxRpm: number | undefined) => (maxRpm === undefined ? {} : { maxRpm })
  const paced = crew('paced', { model, inputs, clock, ...rpm(of.crew) })
    .agent('a', { role: 'a', goal: 'a', ...rpm(of.a) })
    .agent('b', { role: 'b', goal: 'b', ...rpm(of.b) })
    .task('one', { agent: 'a', prompt: '1' })
    .task('two', { agent: 'b', prompt: '2' })
    .task('three', { agent: 'a', prompt: '3' })
    .task('four', { agent: 'b', prompt: '4' })
    .task('five', { agent: 'a', prompt: '5' })
  return { paced, calls }
}

test("a crew's maxRpm holds all its agents together", async () => {
  const { paced, calls } = taken({ crew: 2 })
  await paced.run({})
  expect(calls).toEqual(['a 0', 'b 0', 'a 60', 'b 60', 'a 120'])
})

test("an agent's maxRpm holds that agent, in all runs together, and nobody else", async () => {
  const { paced, calls } = taken({ a: 2 })
  await paced.run({})
  expect(calls).toEqual(['a 0', 'b 0', 'a 0', 'b 0', 'a 60'])
  await paced.run({})
  expect(calls.slice(5)).toEqual(['a 60', 'b 60', 'a 120', 'b 120', 'a 120'])
})

test("a crew's maxRpm takes the place of its agents', whichever is the stricter", async () => {
  const wider = taken({ crew: 4, a: 1 })
  await wider.paced.run({})
  expect(wider.calls).toEqual(['a 0', 'b 0', 'a 0', 'b 0', 'a 60'])
})

test('without maxRpm nothing waits, and a wrong one is refused where it stands', async () => {
  const { paced, calls } = taken({})
  await paced.run({})
  expect(calls).toEqual(['a 0', 'b 0', 'a 0', 'b 0', 'a 0'])
  expect(() => taken({ crew: 0 })).toThrow('maxRpm must be a whole number')
  expect(() => taken({ a: 1.5 })).toThrow('maxRpm must be a whole number')
})

test('max_rpm of an agent in YAML is its maxRpm', async () => {
  const { clock, calls, model } = leaping()
  const files = {
    agents: 'a: { role: a, goal: G, max_rpm: 1 }\nb: { role: b, goal: G, max_rpm: null }',
    tasks: 'x: { description: X, agent: a }\ny: { description: Y, agent: b }\nz: { description: Z, agent: a }',
  }
  await crewFromYaml('paced', files, { model, clock }).run({})
  expect(calls).toEqual(['a 0', 'b 0', 'a 60'])
})
