/** @module A long run that was stopped goes on with the inputs that it would have had; a short one, in whole, is fuzz.test.ts. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { addedReports } from './added-reports.ts'
import type { FuzzReport } from './fuzz.ts'
import { fuzzInParts, type LongRun, type LongRunOptions } from './fuzz-in-parts.ts'
import { memoryCurve, wrongWithGrowth } from './memory.ts'

const run: LongRun = { seed: 7, inputs: 250, only: [], processes: 2, perPart: 100 }

/** Answers as a part would, and breaks off at the part with this seed. */
function recorder(breaksAt?: number) {
  const asked: (readonly [seed: number, inputs: number])[] = []
  const part: NonNullable<LongRunOptions['part']> = async ({ seed, inputs, step }) => {
    asked.push([seed, inputs])
    if (seed === breaksAt) throw new Error('stopped')
    step(inputs, inputs)
    return report(inputs, seed)
  }
  return { asked, part }
}

const report = (inputs: number, growth: number): FuzzReport => ({
  inputs,
  log_lines: inputs,
  spoiled_answers: 0,
  memory_mb: { live: [80], rss: [300], live_growth: growth, rss_growth: -growth },
  targets: { rpc: { inputs, failures: 0, outcomes: { ok: inputs } } },
  wrong: [],
})

function file(): string {
  const dir = mkdtempSync(join(tmpdir(), 'qm-fuzz-parts-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  return join(dir, 'state.json')
}

test('fuzzInParts() goes on after the last whole part, with the seeds and counts of a run that was not stopped', async () => {
  const whole = recorder()
  const state = { file: file(), step() {} }
  await fuzzInParts(run, { ...state, file: undefined, part: whole.part })
  expect(whole.asked).toEqual([
    [7, 100],
    [9, 100],
    [11, 50],
  ])
  const stopped = recorder(9)
  await expect(fuzzInParts(run, { ...state, part: stopped.part })).rejects.toThrow('stopped')
  const resumed = recorder()
  const done: number[] = []
  const parts = await fuzzInParts(run, { ...state, step: (count) => done.push(count), part: resumed.part })
  expect(resumed.asked).toEqual(whole.asked.slice(1))
  expect(done).toEqual([200, 250])
  expect(addedReports(parts)).toMatchObject({
    inputs: 250,
    targets: { rpc: { inputs: 250, outcomes: { ok: 250 } } },
    memory_mb: { live_growth: 11, rss_growth: -7 },
  })
})

test('fuzzInParts() does not go on with another run', async () => {
  const state = { file: file(), step() {}, part: recorder().part }
  await fuzzInParts(run, state)
  await expect(fuzzInParts({ ...run, seed: 8 }, state)).rejects.toThrow(/^Cannot go on: .*of another run/)
})

test('memoryCurve() looks once the caches are warm, and calls a climb one', async () => {
  let live = 100
  const curve = memoryCurve(async () => ({ live, rss: 300 + live }))
  for (let done = 1; done <= 1_000; done += 1) {
    live = done < 200 ? 100 + done : 300 + done / 50
    curve.step(done, 1_000)
  }
  const growth = await curve.end()
  expect(growth).toMatchObject({ live_growth: 16, rss_growth: 16 })
  expect(growth.live).toHaveLength(9)
  expect(wrongWithGrowth(growth)).toEqual(['what the server holds in memory grew by 16 MB'])
})
