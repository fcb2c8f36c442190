import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { parseKeyRing } from '../keys/key-ring.ts'
import { sealedCursors } from './sealed-cursors.ts'

const context = { tenant: 'acme', accountId: 'acc_1', serverId: 'mcp_1', toolName: 'list_all_contacts', filter: '{}' }

test('a sealed cursor opens for its own context only, and for an hour', () => {
  let now = 1_000_000
  const cursors = sealedCursors(parseKeyRing(`1:${randomBytes(32).toString('base64url')}`), () => now)
  const sealed = cursors.seal('501', context)
  expect(sealed).not.toContain('501')
  expect(cursors.open(sealed, context)).toBe('501')
  for (const other of [
    { tenant: 'globex' },
    { accountId: 'acc_2' },
    { serverId: 'mcp_2' },
    { toolName: 'search_contacts' },
    { filter: '{"query":"x"}' },
  ]) {
    expect(cursors.open(sealed, { ...context, ...other })).toBeUndefined()
  }
  expect(cursors.open(`${sealed}A`, context)).toBeUndefined()
  expect(cursors.open('eyJsYXN0SWQiOiI1MDEifQ==', context)).toBeUndefined()
  expect(cursors.open('', context)).toBeUndefined()
  now += 3_600_000
  expect(cursors.open(sealed, context)).toBeUndefined()
})
