import { expect, test } from 'vitest'
import type { Refused } from './refusal.ts'
import { type RefusedLine, refusedLog } from './refused-log.ts'

const refused = (url: string, why: Refused['why'] = 'url_unknown'): Refused => ({ ok: false, why, url })

test('refusedLog() says each kind once a minute, 100 of them at most, and counts what it does not say', () => {
  let now = 0
  const lines: RefusedLine[] = []
  const say = refusedLog(
    () => now,
    (line) => lines.push(line),
  )
  for (let n = 0; n < 3; n++) say(refused('a'))
  say(refused('a', 'factor_missing'))
  expect(lines).toEqual([
    { why: 'url_unknown', url: 'a' },
    { why: 'factor_missing', url: 'a', not_shown: 2 },
  ])
  for (let n = 0; n < 10_000; n++) say(refused(`guess ${n}`))
  expect(lines).toHaveLength(100)
  now = 60_000
  say(refused('a'))
  expect(lines).toHaveLength(101)
  expect(lines.at(-1)).toEqual({ why: 'url_unknown', url: 'a', not_shown: 9_902 })
})
