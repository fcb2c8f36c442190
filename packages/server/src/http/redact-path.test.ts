import { expect, test } from 'vitest'
import { newAccountId, newUrlToken } from '../keys/tokens.ts'
import { redactPath } from './redact-path.ts'

const at = (path: string) => redactPath(`http://127.0.0.1:4700${path}`)

test('redactPath() shows our own words and ids, and what a caller has chosen as a name only', () => {
  const account = newAccountId()
  expect(at(`/integrated-account/${account}/mcp?x=1`)).toBe(`/integrated-account/${account}/mcp`)
  expect(at(`/mcp/${newUrlToken()}/tools/jane`)).toBe('/mcp/[token]/tools/[name]')
  expect(at('/tenant/jane-doe/revoke')).toBe('/tenant/[name]/revoke')
  expect(at('/x-jane')).toBe('/[name]')
  expect(at('/')).toBe('/')
  expect(at('/mcp/%6aane')).toBe('[escaped path]')
})
