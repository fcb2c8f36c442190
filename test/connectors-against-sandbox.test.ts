/**
 * @module
 * The catalog against independent fakes of its systems: every method works, pages end, and search finds exactly what it
 * should, whatever is in the text.
 */
import { loadCatalog, type MethodInput } from '@quartermaster/connectors'
import { type Opportunity, records } from '@quartermaster/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { connectToSandbox, idsOf } from './connector-on-sandbox.ts'

describe.each([...loadCatalog()])('%s', (_, connector) => {
  test('list pages to the end, gives every record once, all of them canonical', async () => {
    const { all, world } = connectToSandbox(connector)
    const expected = {
      contact: world.people.length,
      account: world.organisations.length,
      opportunity: world.deals.length,
      stage: world.stages.length,
      pipeline: 1,
      ticket: world.tickets.length,
      ticket_stage: 4,
      lead: world.leads.length,
      task: world.tasks.length,
      note: world.notes.length,
    }
    for (const [resource, count] of Object.entries(expected)) {
      const found = await all(`${resource}.list`)
      expect(new Set(idsOf(found)).size).toBe(found.length)
      expect([resource, found.length]).toEqual([resource, count])
    }
    for (const method of connector.methods.filter(({ kind }) => kind === 'list')) {
      const { schema } = records[method.record]
      for (const record of await all(`${method.resource}.list`)) {
        expect(schema.safeParse(record).error?.issues ?? []).toEqual([])
      }
    }
  })

  test('small pages give the same records in the same order as large ones', async () => {
    const { all } = connectToSandbox(connector)
    for (const resource of ['contact', 'stage', 'user']) {
      expect(idsOf(await all(`${resource}.list`, { limit: 7 }))).toEqual(idsOf(await all(`${resource}.list`)))
    }
  })

  test('get gives what list gave, with the fields that only this tenant has', async () => {
    const { all, ok } = connectToSandbox(connector)
    const contacts = await all('contact.list')
    const custom = contacts.flatMap((contact) => Object.keys(contact['custom_fields'] as object))
    expect(new Set(custom.map((name) => name.toLowerCase().replace('__c', '')))).toContain('favourite_colour')
    for (const resource of [
      'contact',
      'account',
      'opportunity',
      'pipeline',
      'user',
      'ticket',
      'lead',
      'task',
      'note',
    ]) {
      const [listed] = await all(`${resource}.list`)
      const got = await ok(`${resource}.get`, { id: String(listed?.['id']) })
      expect(got.records[0]).toMatchObject({ id: listed?.['id'], ...only(listed, ['first_name', 'name', 'status']) })
      expect(got.records[0]?.['custom_fields']).toEqual(listed?.['custom_fields'])
    }
  })

  test('create, get, update, search and delete a contact, an account and an opportunity', async () => {
    const { ok, call, all } = connectToSandbox(connector)
    const [stage] = await all('stage.list')
    const stageId = String(stage?.['id'])
    const owner = String((await all('user.list'))[0]?.['id'])
    const writes = {
      contact: { first_name: 'Quill', last_name: 'Ox', email: 'quill@ox.example', phone: '+1 555 0100' },
      account: { name: 'Quill Anvils', website: 'https://quill.example', employee_count: 7, owner_id: owner },
      opportunity: { name: 'Quill deal', stage_id: stageId, close_date: '2026-12-31', amount: 12.5, owner_id: owner },
    }
    for (const [resource, args] of Object.entries(writes)) {
      const [made] = (await ok(`${resource}.create`, { args })).records
      const id = String(made?.['id'])
      const [got] = (await ok(`${resource}.get`, { id })).records
      expect(got).toMatchObject(
        resource === 'contact'
          ? { first_name: 'Quill', last_name: 'Ox' }
          : only(args, ['name', 'amount', 'close_date', 'employee_count']),
      )
      const change: Record<string, string> = resource === 'contact' ? { last_name: 'Yak' } : { name: 'Renamed Quill' }
      const [changed] = (await ok(`${resource}.update`, { id, args: change })).records
      expect(changed).toMatchObject({ id, ...change })
      expect((await ok(`${resource}.get`, { id })).records[0]).toMatchObject(change)
      expect(idsOf(await all(`${resource}.search`, { args: { query: 'quill' } }))).toContain(id)
      expect((await ok(`${resource}.delete`, { id })).records).toEqual([])
      const gone = await call(`${resource}.get`, { id })
      expect(gone.ok || gone.failure.code).toBe('not_found')
    }
  })

  test('analytics filters agree with what the opportunities say of themselves', async () => {
    const { all } = connectToSandbox(connector)
    const deals = (await all('opportunity.list')) as readonly unknown[] as readonly Opportunity[]
    const { stage, owner } = deals[0]!
    const filters: readonly (readonly [MethodInput['args'], (deal: Opportunity) => boolean])[] = [
      [{ status: 'won' }, (deal) => deal.status === 'won'],
      [{ status: 'lost' }, (deal) => deal.status === 'lost'],
      [{ status: 'open' }, (deal) => deal.status === 'open'],
      [{ stage_id: stage!.id }, (deal) => deal.stage?.id === stage!.id],
      [{ owner_id: owner!.id }, (deal) => deal.owner?.id === owner!.id],
      [{ amount_min: 20_000, status: 'open' }, (deal) => deal.amount! >= 20_000 && deal.status === 'open'],
      [{ amount_max: 20_000 }, (deal) => deal.amount! <= 20_000],
      [
        { close_date_from: '2026-06-01', close_date_to: '2026-11-30' },
        (deal) => deal.close_date! >= '2026-06-01' && deal.close_date! <= '2026-11-30',
      ],
    ]
    for (const [args, wanted] of filters) {
      const found = await all('opportunity.search', { args })
      expect([args, idsOf(found)]).toEqual([args, idsOf(deals.filter(wanted))])
      expect(found.length).toBeGreaterThan(0)
      expect(found.length).toBeLessThan(deals.length)
    }
  })

  test('search finds a hostile name and not its harmless twin', async () => {
    const { ok, all } = connectToSandbox(connector)
    const made: { readonly id: string; readonly name: string }[] = []
    const create = async (name: string) => {
      const args = { last_name: name, email: `n${made.length}@hostile.example` }
      made.push({ id: String((await ok('contact.create', { args })).records[0]?.['id']), name })
    }
    const contains = (name: string, text: string) => name.toLowerCase().includes(text.toLowerCase())
    const text = fc
      .array(
        fc.oneof(
          fc.constantFrom(...'\'\\%_"*?()& <>{}[]:;#', 'ß', 'é', '漢', '😀', 'OR '),
          fc.string({ maxLength: 2 }),
        ),
        {
          minLength: 1,
          maxLength: 12,
        },
      )
      .map((parts) => `Zq7${parts.join('')}`.replace(/[\u0000-\u001f\u007f\s]+/g, ' ').trim())
    await fc.assert(
      fc.asyncProperty(text, async (name) => {
        await create(name)
        await create(name.replace(/[^A-Za-z0-9]/g, 'x'))
        const found = await all('contact.search', { args: { query: name } })
        const words = connector.id === 'hubspot' ? name.split(/\s+/) : [name]
        expect(idsOf(found)).toEqual(idsOf(made.filter((one) => words.every((word) => contains(one.name, word)))))
      }),
      { numRuns: 120, seed: 7 },
    )
  })

  test('an expired token, limits and broken answers are typed failures without a word of the answer', async () => {
    const { call, control } = connectToSandbox(connector)
    const code = async () => {
      const outcome = await call('user.list')
      if (outcome.ok) return 'ok'
      expect(JSON.stringify(outcome.failure)).not.toMatch(/<|errorCode|correlationId/)
      return outcome.failure.code
    }
    control.arm({ kind: 'html_error' })
    expect(await code()).toBe('upstream_unavailable')
    control.arm({ kind: 'html_error', status: 200 })
    expect(await code()).toBe('upstream_invalid')
    control.arm({ kind: 'truncated_json' })
    expect(await code()).toBe('upstream_invalid')
    control.arm({ kind: 'server_error' })
    expect(await code()).toBe('upstream_unavailable')
    for (const kind of ['rate_limit', 'daily_limit'] as const) {
      control.arm({ kind })
      const refused = await call('user.list')
      expect(refused).toMatchObject({ ok: false, failure: { code: 'rate_limited' } })
      expect(refused.ok ? 0 : refused.failure.retry_after_s).toBeGreaterThan(0)
      expect(refused.quotas[0]).toMatchObject({ remaining: 0 })
      control.clearFaults()
    }
    expect(await code()).toBe('ok')
    control.expireAccessTokens()
    expect(await call('user.list')).toMatchObject({ ok: false, unauthorized: true })
  })
})

function only(record: { readonly [field: string]: unknown } | undefined, names: readonly string[]) {
  return Object.fromEntries(Object.entries(record ?? {}).filter(([name]) => names.includes(name)))
}
