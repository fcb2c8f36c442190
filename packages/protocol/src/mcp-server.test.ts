import { stepCost } from '@quartermaster/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createMcpServer, matchesPatterns, mcpServerConfig } from './mcp-server.ts'

test('mcpServerConfig starts from the safe side: read only, second factor on, 90 days', () => {
  expect(mcpServerConfig.parse({})).toEqual({
    methods: ['read'],
    pii: 'full',
    require_api_token_auth: true,
    expires_in_s: 7_776_000,
  })
  expect(createMcpServer.parse({ name: ' x ' })).toMatchObject({ name: 'x', config: { methods: ['read'] } })
})

test('mcpServerConfig refuses what it does not know', () => {
  expect(mcpServerConfig.safeParse({ method: ['read'] }).success).toBe(false)
  expect(mcpServerConfig.safeParse({ pii: 'none' }).success).toBe(false)
  expect(mcpServerConfig.safeParse({ methods: [] }).success).toBe(false)
})

test('matchesPatterns() agrees with a regular expression on small globs', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '_'), maxLength: 8 })
  const glob = fc.string({ unit: fc.constantFrom('a', 'b', '_', '*'), minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(glob, letters, (only, name) => {
      const expected = new RegExp(`^${only.split('*').join('.*')}$`).test(name)
      expect(matchesPatterns({ only: [only] }, name)).toBe(expected)
      expect(matchesPatterns({ without: [only] }, name)).toBe(!expected)
    }),
    { numRuns: 2_000 },
  )
})

test('matchesPatterns() is quick on a glob made to be slow', async () => {
  const cost = await stepCost(() => matchesPatterns({ only: [`${'*a'.repeat(30)}*b`] }, 'a'.repeat(48)))
  // By backtracking it would be as many as there are ways to choose 30 of 48.
  expect(cost).toBeLessThan(100)
})
