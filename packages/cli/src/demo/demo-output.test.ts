import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { demoOutput } from './demo-output.ts'

test('demoOutput() writes plain lines where there is no terminal, and no countdown', () => {
  const out = new PassThrough()
  const told = demoOutput(out)
  told.chapter('First', `why ${'it matters '.repeat(12)}`)
  told.line('line')
  told.fact('fact')
  told.block('\nfirst\nsecond')
  told.countdown(Date.now() + 60_000)
  told.chapter('Second', 'because')
  const text = stripVTControlCharacters(String(out.read()))
  expect(text).toMatch(/^\n1 {2}First\n {3}why it matters/)
  expect(text).toContain('\n   line\n   ✓ fact\n\n   first\n   second\n\n2  Second\n   because\n')
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(104)
})
