/** @module Nothing inside is connected to, however it is spelled and whoever names it. */
import { expect, test } from 'vitest'
import { proveSsrf } from './prove.ts'

test('proveSsrf() finds no connection to anything inside, by any spelling, on any way, and could have found one', async () => {
  const { connects, control, spellings, grants_stored, holds } = await proveSsrf()
  expect(connects).toEqual({ instance_url: 0, webhook: 0, redirect: 0, rebinding: 0 })
  expect(grants_stored).toBe(0)
  expect(spellings).toBeGreaterThanOrEqual(60)
  expect(control.option_on).toBeGreaterThanOrEqual(30)
  expect(holds).toBe(true)
})
