/** @module A server loads what it serves with, and nothing of what other commands need. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serve } from '@quartermaster/testing/testbed'
import { expect, onTestFinished, test } from 'vitest'

const recorder = new URL('record-modules.ts', import.meta.url).pathname
/** Of the agent side, the faked vendors, the examples, the tables that count tokens, and what the first call needs. */
const foreign =
  /\/(?:packages\/(?:client|crew|langgraph|sandbox|testing)|packages\/cli\/src\/demo|examples)\/|\/node_modules\/(?:@langchain|langchain|langsmith|gpt-tokenizer|js-tiktoken|cli-table3|pg|undici)\//
/** It was 900; another library as large as the largest of them would be seen. */
const MOST_MODULES = 1_100

/** What a server loads until it is ready and has answered once. */
async function modulesOf(...options: string[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'quartermaster-modules-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const list = join(folder, 'modules')
  const env = { NODE_OPTIONS: `--import ${recorder}`, LOADED_MODULES: list }
  const server = await serve(['--data', join(folder, 'data'), ...options], env)
  const { status } = await fetch(`${server.url}/readyz`)
  server.child.kill('SIGTERM')
  expect([status, await server.exit]).toEqual([200, 0])
  return readFileSync(list, 'utf8').split('\n')
}

test('serve loads nothing of the agent side, the sandbox, the examples or the token tables', async () => {
  const modules = await modulesOf()
  expect(modules.filter((url) => foreign.test(url))).toEqual([])
  expect(modules.some((url) => url.endsWith('/packages/server/src/server.ts'))).toBe(true)
  expect(modules.filter((url) => url.startsWith('file:')).length).toBeLessThan(MOST_MODULES)
})

test('serve --sandbox loads the sandbox, so the list above would show it', async () => {
  const modules = await modulesOf('--sandbox')
  expect(modules.some((url) => url.includes('/packages/sandbox/'))).toBe(true)
})
