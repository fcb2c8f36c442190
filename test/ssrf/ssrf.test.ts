/** @module Nothing inside is connected to, however it is spelled and whoever names it. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
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

test('the server has one module that begins requests', () => {
  const source = join(import.meta.dirname, '../../packages/server/src')
  const files = globSync('**/*.ts', { cwd: source }).filter((file) => !/\.test\.(fixture\.)?ts$/.test(file))
  const begins = /(^|[^.\w])fetch\((?!request: Request)|from '(undici|(node:)?(http|https|http2|tls|dgram))'/m
  expect(files.filter((file) => begins.test(readFileSync(join(source, file), 'utf8')))).toEqual([
    'outbound/upstream.ts',
  ])
})
