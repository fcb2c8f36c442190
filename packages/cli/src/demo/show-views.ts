/**
 * @module
 * One contact and one deal as each role gets them, read through the roles' own URLs.
 */
import { callTool, type RateGate } from '@quartermaster/client'
import pc from 'picocolors'
import { z } from 'zod'
import { plainTable } from '../plain-table.ts'
import type { RoleConnection } from './open-demo.ts'
import type { Examples } from './pick-examples.ts'

const CONTACT = 'get_single_hub_spot_contact_by_id'
const DEAL = 'get_single_hub_spot_opportunity_by_id'

const contact = z.object({
  first_name: z.string().optional(),
  last_name: z.string().optional(),
  email_addresses: z.array(z.object({ email: z.string() })).default([]),
  phone_numbers: z.array(z.object({ number: z.string() })).default([]),
  birth_date: z.string().optional(),
  custom_fields: z.record(z.string(), z.unknown()).default({}),
})
const deal = z.object({
  name: z.string().optional(),
  amount: z.number().optional(),
  stage: z.object({ id: z.string() }).optional(),
  next_step: z.string().optional(),
  description: z.string().optional(),
})

type Row = readonly [field: string, value: string | undefined]

export async function viewsTable(
  connections: readonly RoleConnection[],
  gate: RateGate,
  ids: Examples,
): Promise<string> {
  const lines: string[][] = []
  for (const [tool, id, rowsOf] of [
    [CONTACT, ids.contact, contactRows],
    [DEAL, ids.deal, dealRows],
  ] as const) {
    const views = await Promise.all(connections.map((connection) => view(connection, gate, tool, id)))
    const shown = views.map((record) => (record === undefined ? undefined : rowsOf(record)))
    const fields = shown.find((rows) => rows !== undefined)?.map(([field]) => field) ?? []
    for (const [index, field] of fields.entries()) {
      const cells = shown.map((rows) =>
        rows === undefined ? pc.dim(index === 0 ? 'no tool for it' : '') : cell(rows[index]?.[1]),
      )
      lines.push([field, ...cells])
    }
  }
  return plainTable(['', ...connections.map(({ role }) => role)], lines, {
    widths: [15, ...connections.map(() => WIDTH)],
  })
}

/** Undefined when the role has no such tool: the server refuses the name, whatever the client sends. */
async function view(connection: RoleConnection, gate: RateGate, tool: string, id: string): Promise<unknown> {
  const read = { name: tool, annotations: { readOnlyHint: true } }
  const outcome = await callTool(connection.conn, read, { id }, { account: connection.account, gate })
  if (outcome.ok) return outcome.envelope.result
  if (outcome.error.code === 'unknown_tool' && !connection.tools.some(({ name }) => name === tool)) return undefined
  throw new Error(`Cannot show what ${connection.role} sees: ${outcome.error.message}`)
}

function contactRows(record: unknown): Row[] {
  const { first_name, last_name, email_addresses, phone_numbers, birth_date, custom_fields } = contact.parse(record)
  const note = custom_fields['background_notes']
  return [
    ['contact: name', [first_name, last_name].filter(Boolean).join(' ')],
    ['e-mail', email_addresses[0]?.email],
    ['phone', phone_numbers[0]?.number],
    ['born', birth_date],
    ['note', typeof note === 'string' ? note : undefined],
  ]
}

function dealRows(record: unknown): Row[] {
  const { name, amount, stage, next_step, description } = deal.parse(record)
  return [
    ['deal: name', name],
    ['amount', amount?.toLocaleString('en-US')],
    ['stage', stage?.id],
    ['next step', next_step],
    ['description', description],
  ]
}

/** Long texts run over lines of this width; what cannot be broken is cut. */
const WIDTH = 30
const LONGEST = 120

function cell(value: string | undefined): string {
  if (value === undefined || value === '') return pc.yellow('absent')
  const line = value.replace(/\s+/g, ' ')
  const most = line.includes(' ') ? LONGEST : WIDTH - 2
  return line.length > most ? `${line.slice(0, most - 1)}…` : line
}
