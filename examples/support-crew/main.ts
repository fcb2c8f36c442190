/**
 * @module
 * Six open tickets, a crew for each, three at a time. Whoever triages them needs to know who asks, and not at which
 * address: the server masks it, and a search in everything that was received proves it.
 */
import { callTool, type McpConn, RateGate } from '@quartermaster/client'
import { recordTools } from '@quartermaster/langgraph'
import { roles } from '@quartermaster/toolsets'
import { z } from 'zod'
import { runExample } from '../run-example.ts'
import { supportCrew } from './support-crew.ts'
import { supportScript } from './support-script.ts'

const TICKETS = 6
const Page = z.object({ result: z.array(z.object({ id: z.string() })) })
const search = { name: 'search_hub_spot_tickets', annotations: { readOnlyHint: true } }
const read = { name: 'get_single_hub_spot_contact_by_id', annotations: { readOnlyHint: true } }

/** Everything that came out of the crew's connection. */
const received: string[] = []
const gate = new RateGate()

await runExample({
  file: import.meta.url,
  about: 'Tickets triaged by a crew that never sees an address or a number.',

  async graph({ open, account, model }) {
    const conn = watched(await open(roles.support))
    const support = supportCrew(
      await model(supportScript),
      await recordTools(conn, { account, gate, toolset: roles.support }),
    )
    return Object.assign(support.compile(), { support, conn })
  },

  async run({ support, conn }, { open, account, hubspot }) {
    const held = (type: string) => new Map((hubspot.records(type) ?? []).map(({ id, values }) => [id, values]))
    const before = { tickets: structuredClone(held('tickets')), notes: held('notes').size }
    const found = await callTool(conn, search, { status: 'open', limit: String(TICKETS) }, { account, gate })
    const tickets = Page.parse(found.ok ? found.envelope : { result: [] }).result.map(({ id }) => ({ ticket: id }))
    const runs = await support.runEach(tickets, { concurrency: 3 })
    const done = runs.flatMap((run) => (run.status === 'fulfilled' ? [run.value.tasks] : []))
    for (const { situation, triage } of done)
      console.log(`#${triage.ticket_id} ${triage.priority.padEnd(6)} ${situation.who}`)

    const priority = (id: string, when = held('tickets')) => when.get(id)?.['hs_ticket_priority']
    const wrong = done.filter(({ triage }) => priority(triage.ticket_id) !== triage.priority)
    const others = [...before.tickets.keys()].filter((id) => !tickets.some(({ ticket }) => ticket === id))
    const disturbed = others.filter((id) => priority(id) !== priority(id, before.tickets))

    const contacts = [...held('contacts')].map(([id, { email, phone, mobilephone }]) => ({
      id,
      private: [email, phone, mobilephone],
    }))
    const secrets = contacts.flatMap((contact) =>
      contact.private.filter((value) => typeof value === 'string' && value !== ''),
    )
    const leaks = secrets.filter((secret) => received.some((text) => text.includes(String(secret))))
    const asked = done.flatMap(({ situation }) => situation.contact_id ?? [])
    const full = await callTool(await open(roles.sales), read, { id: asked[0] }, { account, gate })
    const seen = secrets.filter((secret) => full.ok && full.text.includes(String(secret))).length
    console.log(
      `${leaks.length} of ${secrets.length} addresses and numbers received; the sales role sees ${seen} of one contact`,
    )
    return [
      ...(done.length === TICKETS ? [] : [`${done.length} tickets were triaged instead of ${TICKETS}`]),
      ...wrong.map(({ triage }) => `ticket ${triage.ticket_id} has not the priority that the crew says`),
      ...disturbed.map((id) => `ticket ${id} was changed too`),
      ...(held('notes').size === before.notes + TICKETS
        ? []
        : [`${held('notes').size - before.notes} notes instead of ${TICKETS}`]),
      ...(leaks.length === 0 ? [] : ['an address or a number reached the crew']),
      ...(received.length > 3 * TICKETS && seen > 0 ? [] : ['the search for addresses is blind']),
    ]
  },
})

function watched(conn: McpConn): McpConn {
  return {
    listTools: (options) => conn.listTools(options),
    close: () => conn.close(),
    async callTool(request, options) {
      const result = await conn.callTool(request, options)
      received.push(JSON.stringify(result))
      return result
    },
  }
}
