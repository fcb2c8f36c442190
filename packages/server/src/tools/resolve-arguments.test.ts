/** @module Where a pseudonym may become a value. */
import { loadCatalog } from '@quartermaster/connectors'
import { mcpServerConfig, policies } from '@quartermaster/protocol'
import { expect, test } from 'vitest'
import { pseudonyms } from '../policy/pseudonyms.ts'
import { deriveTools } from './derive-tools.ts'
import { resolveArguments } from './resolve-arguments.ts'
import type { Tool } from './tool.ts'

const tenant = pseudonyms(Buffer.alloc(32, 1))
const [system] = [...loadCatalog().values()]
const config = mcpServerConfig.parse({ methods: ['read', 'write'] })
const tool = (resource: string, kind: string): Tool => {
  const found =
    system &&
    deriveTools(system, config, undefined).find(({ meta }) => meta.resource === resource && meta.kind === kind)
  if (!found) throw new RangeError(`there is no tool to ${kind} a ${resource}`)
  return found
}
const id = tenant.conceal('501', { kind: 'contact', scope: 'acc_1' }) ?? ''
const email = tenant.conceal('jane@acme.com', { kind: 'email', scope: '' }) ?? ''
const url = (policy: keyof typeof policies, granted: boolean, accountId = 'acc_1') => ({
  policy: policies[policy],
  granted,
  accountId,
  pseudonyms: tenant,
})

test('resolveArguments() puts ids and filters in place of their pseudonyms, for a role with the grant', () => {
  const get = resolveArguments(tool('contact', 'get'), { id, args: {} }, url('pseudonym', true))
  expect(get).toEqual({ ok: true, input: { id: '501', args: {} } })
  const search = resolveArguments(tool('contact', 'search'), { args: { email } }, url('pseudonym', true))
  expect(search).toEqual({ ok: true, input: { args: { email: 'jane@acme.com' } } })
})

test('resolveArguments() refuses real values where a role sees pseudonyms, and tokens it cannot open alike', () => {
  for (const value of ['501', `${id.slice(0, -1)}!`, id.replace(/.$/, '0x'), email.toUpperCase(), '']) {
    const read = resolveArguments(tool('contact', 'get'), { id: value, args: {} }, url('pseudonym', true))
    expect(read).toEqual({ ok: false, faults: ['id'] })
  }
  // The same number in another account is another record.
  const elsewhere = resolveArguments(tool('contact', 'get'), { id, args: {} }, url('pseudonym', true, 'acc_2'))
  expect(elsewhere).toEqual({ ok: false, faults: ['id'] })
  const guess = resolveArguments(
    tool('contact', 'search'),
    { args: { email: 'jane@acme.com' } },
    url('pseudonym', true),
  )
  expect(guess).toEqual({ ok: false, faults: ['email'] })
  const keyless = { ...url('pseudonym', true), pseudonyms: undefined }
  expect(resolveArguments(tool('contact', 'get'), { id, args: {} }, keyless)).toEqual({ ok: false, faults: ['id'] })
})

test('resolveArguments() leaves a token as it is for a role without the grant', () => {
  const input = { id, args: { email, title: email } }
  expect(resolveArguments(tool('contact', 'update'), input, url('full', false))).toEqual({ ok: true, input })
})

test('resolveArguments() writes a hidden value only where the role cannot read it back', () => {
  const args = { email, title: `CFO ${email}`, first_name: email }
  const written = resolveArguments(tool('contact', 'update'), { id, args }, url('pseudonym', true))
  expect(written).toEqual({
    ok: true,
    input: { id: '501', args: { email: 'jane@acme.com', title: `CFO ${email}`, first_name: 'jane@acme.com' } },
  })
  // Whoever reads addresses anyway may put one anywhere.
  const open = resolveArguments(
    tool('contact', 'update'),
    { id: '501', args: { title: `mail ${email}!` } },
    url('full', true),
  )
  expect(open).toEqual({ ok: true, input: { id: '501', args: { title: 'mail jane@acme.com!' } } })
  const masked = resolveArguments(tool('contact', 'update'), { id: '501', args: { title: email } }, url('mask', true))
  expect(masked).toEqual({ ok: true, input: { id: '501', args: { title: email } } })
})

test("resolveArguments() opens nothing for a filter by an account's custom field, whatever it is called", () => {
  const search = tool('contact', 'search')
  const own = {
    name: 'custom_email',
    type: 'string',
    required: false,
    description: 'E-mail',
    filters: ['unclassified'],
    customField: 'email__c',
  } as const
  const filtered = { ...search, method: { ...search.method, input: [...search.method.input, own] } }
  const input = { args: { custom_email: email } }
  // The role may see the field, and would read in the answers whose address it was.
  expect(resolveArguments(filtered, input, url('pseudonym', true))).toEqual({ ok: true, input })
  expect(resolveArguments(filtered, input, url('full', true))).toMatchObject({
    input: { args: { custom_email: 'jane@acme.com' } },
  })
})
