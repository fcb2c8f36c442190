/**
 * @module
 * What belongs together in the systems belongs together in the records: associations, batch reads and summaries, against
 * the facts of the demo company and against each other. Every method of the catalog is used at least once.
 */
import { loadCatalog, type MethodInput } from '@quartermaster/connectors'
import type { Opportunity, OpportunitySummary, Task, Ticket } from '@quartermaster/protocol'
import { describe, expect, test } from 'vitest'
import { connectToSandbox, idsOf, used } from './connector-on-sandbox.ts'

function nameless(key: string, value: unknown): unknown {
  const { id } = (value ?? {}) as { readonly id?: unknown }
  return key === 'account' || key === 'parent' ? { id } : value
}

type Args = MethodInput['args']

describe.each([...loadCatalog()])('%s', (_, connector) => {
  test('list, get and search of everything; deals know their contacts, tickets and tasks what they are about', async () => {
    const { all, ok, world } = connectToSandbox(connector)
    const deals = (await all('opportunity.list')) as readonly unknown[] as readonly Opportunity[]
    for (const [index, deal] of deals.entries()) {
      expect(deal.contacts).toHaveLength(world.deals[index]!.personKeys.length)
      expect(deal.account?.id).toBeTypeOf('string')
    }
    const tickets = (await all('ticket.list')) as readonly unknown[] as readonly Ticket[]
    expect(tickets.every(({ contact }) => contact !== undefined)).toBe(true)
    expect(tickets.filter(({ status }) => status === 'closed')).toHaveLength(
      world.tickets.filter(({ step }) => step === 4).length,
    )
    const tasks = (await all('task.list')) as readonly unknown[] as readonly Task[]
    for (const [index, { related_to: about }] of tasks.entries()) {
      const types = world.tasks[index]!.personKey === null ? ['opportunity'] : ['contact', 'opportunity']
      expect(about.map(({ type }) => type).sort()).toEqual(types)
    }
    for (const resource of ['stage', 'pipeline', 'user', 'ticket_stage', 'note', 'lead']) await all(`${resource}.list`)
    for (const resource of [
      'pipeline',
      'user',
      'lead',
      'note',
      'ticket',
      'task',
      'account',
      'opportunity',
      'contact',
    ]) {
      const [first] = await all(`${resource}.list`)
      const [got] = (await ok(`${resource}.get`, { id: String(first?.['id']) })).records
      // A record that is read alone brings no names of others.
      const ids = (one: object | undefined) => JSON.parse(JSON.stringify(one), (key, value) => nameless(key, value))
      expect(ids(got)).toEqual(ids(first))
    }
  })

  test('filters by association give exactly what the lists say', async () => {
    const { all } = connectToSandbox(connector)
    const deals = (await all('opportunity.list')) as readonly unknown[] as readonly Opportunity[]
    const deal = deals.find(({ contacts }) => contacts.length >= 2)!
    const contact = deal.contacts[0]!.id
    const account = deal.account!.id
    const has = (name: string, args: Args, wanted: readonly { readonly id: string }[]) =>
      all(name, { args }).then((found) => expect([name, args, idsOf(found)]).toEqual([name, args, idsOf(wanted)]))
    await has('contact.search', { opportunity_id: deal.id }, deal.contacts)
    await has(
      'opportunity.search',
      { contact_id: contact },
      deals.filter(({ contacts }) => contacts.some(({ id }) => id === contact)),
    )
    await has(
      'opportunity.search',
      { account_id: account },
      deals.filter((one) => one.account?.id === account),
    )
    const tickets = (await all('ticket.list')) as readonly unknown[] as readonly Ticket[]
    const asker = tickets[0]!.contact!.id
    await has(
      'ticket.search',
      { contact_id: asker, status: 'open' },
      tickets.filter((one) => one.contact?.id === asker && one.status === 'open'),
    )
    await has(
      'ticket.search',
      { status: 'closed' },
      tickets.filter(({ status }) => status === 'closed'),
    )
    const tasks = (await all('task.list')) as readonly unknown[] as readonly Task[]
    const about = (type: string, wanted: string) => (one: Pick<Task, 'related_to'>) =>
      one.related_to.some((other) => other.type === type && other.id === wanted)
    const planned = tasks[0]!.related_to.find(({ type }) => type === 'opportunity')!.id
    await has('task.search', { opportunity_id: planned }, tasks.filter(about('opportunity', planned)))
    await has(
      'task.search',
      { is_completed: true },
      tasks.filter((one) => one.is_completed === true),
    )
    await has(
      'task.search',
      { due_from: '2026-11-01', due_to: '2026-11-10', is_completed: false },
      tasks.filter((one) => !one.is_completed && one.due_date! >= '2026-11-01' && one.due_date! <= '2026-11-10'),
    )
    const notes = (await all('note.list')) as readonly unknown[] as readonly (Pick<Task, 'related_to'> & {
      readonly id: string
    })[]
    const noted = notes[0]!.related_to.find(({ type }) => type === 'contact')!.id
    await has('note.search', { contact_id: noted }, notes.filter(about('contact', noted)))
    const leads = (await all('lead.list')) as readonly { readonly [field: string]: unknown }[]
    const rating = String(leads[0]!['rating'])
    const rated = leads.filter((one) => one['rating'] === rating)
    expect(rated.length).toBeLessThan(leads.length)
    expect(idsOf(await all('lead.search', { args: { rating } }))).toEqual(idsOf(rated))
    await has(
      'account.search',
      { query: '' },
      (await all('account.list')) as readonly unknown[] as readonly { readonly id: string }[],
    )
  })

  test('tickets, leads, tasks and notes are written with what they are about, changed and deleted', async () => {
    const { ok, all, call } = connectToSandbox(connector)
    const contact = String((await all('contact.list'))[0]?.['id'])
    const deal = String((await all('opportunity.list'))[0]?.['id'])
    const [stage] = await all('ticket_stage.list')
    const first: Readonly<Record<string, Args>> = {
      ticket: { subject: 'Zebra <b>1 & 2</b>', stage_id: String(stage?.['id']), contact_id: contact },
      task: {
        subject: 'Zebra call',
        body: 'Say <hello>\nand go',
        due_date: '2026-12-24',
        opportunity_id: deal,
        contact_id: contact,
      },
      note: { body: 'Zebra <said> "yes" & left', opportunity_id: deal },
      lead:
        connector.id === 'hubspot'
          ? { name: 'Zebra', contact_id: contact }
          : { last_name: 'Zebra', company: 'Zebra Ltd', rating: 'Hot' },
    }
    const change: Readonly<Record<string, Args>> = {
      ticket: { subject: 'Zebra two' },
      task: { subject: 'Zebra later', body: 'a < b' },
      note: { body: 'Zebra 2 < 3' },
      lead: connector.id === 'hubspot' ? { name: 'Zebra Yak' } : { last_name: 'Zebra Yak' },
    }
    for (const [resource, args] of Object.entries(first)) {
      const made = (await ok(`${resource}.create`, { args })).records[0]
      const id = String(made?.['id'])
      const got = (await ok(`${resource}.get`, { id })).records[0]
      const told = ['subject', 'body', 'due_date', 'last_name', 'name']
      for (const name of told) if (args[name] !== undefined) expect(got?.[name]).toBe(args[name])
      if (resource === 'ticket') expect(got).toMatchObject({ contact: { id: contact }, status: 'open' })
      if (resource === 'note') expect(got?.['related_to']).toEqual([{ type: 'opportunity', id: deal }])
      if (resource === 'task') {
        const about = [
          { type: 'contact', id: contact },
          { type: 'opportunity', id: deal },
        ]
        expect(got?.['related_to']).toEqual(about)
        expect(made?.['related_to']).toEqual(about)
      }
      await ok(`${resource}.update`, { id, args: change[resource]! })
      expect((await ok(`${resource}.get`, { id })).records[0]).toMatchObject(change[resource]!)
      if (connector.id === 'hubspot' || resource !== 'note') {
        expect(idsOf(await all(`${resource}.search`, { args: { query: 'zebra' } }))).toContain(id)
      }
      await ok(`${resource}.delete`, { id })
      expect(await call(`${resource}.get`, { id })).toMatchObject({ ok: false, failure: { code: 'not_found' } })
    }
  })

  test('batch reads give what was asked for, once, and name what is not there', async () => {
    const { all, call, ok } = connectToSandbox(connector)
    for (const resource of ['contact', 'account', 'opportunity', 'ticket']) {
      const some = (await all(`${resource}.list`)).slice(0, 30)
      const ids = idsOf(some)
      const gone = connector.id === 'hubspot' ? '999999999' : `${ids[0]!.slice(0, 11)}ZZZZ`
      const { records, missing } = await ok(`${resource}.get_many`, { ids: [...ids, ids[0]!, gone] })
      expect(idsOf(records)).toEqual(ids)
      expect(missing).toEqual([gone])
      expect((await ok(`${resource}.get_many`, { ids })).missing).toBeUndefined()
      const one = records.find(({ id }) => id === some[0]?.['id'])
      expect(one?.['custom_fields']).toEqual(some[0]?.['custom_fields'])
      for (const bad of [[], ["' OR Id != '"], Array.from({ length: 101 }, () => ids[0]!)]) {
        await expect(call(`${resource}.get_many`, { ids: bad })).rejects.toThrow(`Cannot get`)
      }
    }
  })

  test('summaries are what one would count from the list', async () => {
    const { all, ok, control } = connectToSandbox(connector)
    const requests = () => Object.values(control.counters().requests).reduce((sum, count) => sum + count, 0)
    const deals = (await all('opportunity.list')) as readonly unknown[] as readonly Opportunity[]
    const keys: Readonly<Record<string, (deal: Opportunity) => string | undefined>> = {
      stage_id: ({ stage }) => stage?.id,
      owner_id: ({ owner }) => owner?.id,
      status: ({ status }) => status,
      close_month: ({ close_date: day }) => day?.slice(0, 7),
      ...(connector.id === 'hubspot' ? { pipeline_id: ({ pipeline }: Opportunity) => pipeline?.id } : {}),
    }
    const filters: readonly (readonly [Args, (deal: Opportunity) => boolean])[] = [
      [{}, () => true],
      [{ status: 'open', amount_min: 20_000 }, ({ status, amount }) => status === 'open' && (amount ?? 0) >= 20_000],
      [{ account_id: deals[0]!.account!.id }, ({ account }) => account?.id === deals[0]!.account!.id],
      [{ owner_id: deals[0]!.owner!.id }, ({ owner }) => owner?.id === deals[0]!.owner!.id],
      [
        { close_date_from: '2026-06-01', close_date_to: '2026-11-30' },
        ({ close_date: day = '' }) => day >= '2026-06-01' && day <= '2026-11-30',
      ],
    ]
    for (const [name, keyOf] of Object.entries(keys)) {
      for (const [filter, wanted] of filters) {
        const counted = new Map<string | undefined, { count: number; sum: number; amounts: number }>()
        for (const deal of deals.filter(wanted)) {
          const group = counted.get(keyOf(deal)) ?? { count: 0, sum: 0, amounts: 0 }
          counted.set(keyOf(deal), {
            count: group.count + 1,
            sum: group.sum + (deal.amount ?? 0),
            amounts: group.amounts + (deal.amount === undefined ? 0 : 1),
          })
        }
        const before = requests()
        const { records, coverage } = await ok('opportunity.summarize', { args: { group_by: name, ...filter } })
        const asked = requests() - before
        const got = new Map(
          (records as readonly unknown[] as readonly OpportunitySummary[]).map((group) => [
            group[name as 'stage_id'],
            [group.count, group.amount_sum, group.amount_avg],
          ]),
        )
        const cents = (value: number) => Math.round(value * 100) / 100
        const expected = [...counted].map(([key, { count, sum, amounts }]) => [
          key,
          amounts === 0 ? [count, undefined, undefined] : [count, cents(sum), cents(sum / amounts)],
        ])
        expect(got).toEqual(new Map(expected as []))
        const matching = deals.filter(wanted).length
        expect(coverage).toEqual({ covered: matching, total: matching, complete: true })
        expect(asked).toBe(connector.id === 'hubspot' ? Math.max(1, Math.ceil(matching / 200)) : 1)
      }
    }
  })

  test('an existing deal is given an existing contact, and another company', async () => {
    const { ok, all } = connectToSandbox(connector)
    const [deal, ...others] = (await all('opportunity.list')) as readonly unknown[] as readonly Opportunity[]
    const newcomer = others.flatMap(({ contacts }) => contacts).find((one) => !idsOf(deal!.contacts).includes(one.id))!
    const company = others.find(({ account }) => account && account.id !== deal!.account?.id)!.account!
    const link = { opportunity_id: deal!.id, contact_id: newcomer.id }
    expect((await ok('opportunity_contact.create', { args: link })).records[0]).toMatchObject({
      id: deal!.id,
      contacts: [{ id: newcomer.id }],
    })
    // Salesforce's opportunity has its account as a field.
    const own = connector.methods.some(({ resource }) => resource === 'opportunity_account')
    if (own) await ok('opportunity_account.create', { args: { opportunity_id: deal!.id, account_id: company.id } })
    else await ok('opportunity.update', { id: deal!.id, args: { account_id: company.id } })
    const [read] = (await ok('opportunity.get', { id: deal!.id }))
      .records as readonly unknown[] as readonly Opportunity[]
    expect(idsOf(read!.contacts)).toEqual(idsOf([...deal!.contacts, newcomer]))
    expect(read!.account!.id).toBe(company.id)
    const found = await all('opportunity.search', { args: { contact_id: newcomer.id } })
    expect(idsOf(found)).toContain(deal!.id)
  })

  test('every method of the catalog was called and worked', async () => {
    const { ok, all } = connectToSandbox(connector)
    const made = {
      contact: { last_name: 'Ox', email: 'ox@quill.example' },
      account: { name: 'Quill' },
      opportunity: { name: 'Quill', close_date: '2026-12-31', stage_id: String((await all('stage.list'))[0]?.['id']) },
    }
    for (const [resource, args] of Object.entries(made)) {
      const id = String((await ok(`${resource}.create`, { args })).records[0]?.['id'])
      await ok(`${resource}.update`, { id, args: resource === 'contact' ? { last_name: 'Yak' } : { name: 'Yak' } })
      await ok(`${resource}.delete`, { id })
      await ok(`${resource}.search`, { args: {} })
    }
    const every = connector.methods.map(({ resource, name }) => `${connector.id} ${resource}.${name}`)
    expect(every.filter((name) => !used.has(name))).toEqual([])
  })
})
