/**
 * @module
 * The crew that works on one ticket: a reader finds out who asks and what for, a dispatcher sets the priority and leaves
 * a note for whoever answers. Addresses and numbers reach neither: the server masks them for this role.
 */
import type { StructuredTool } from '@langchain/core/tools'
import { crew, type Model } from '@quartermaster/crew'
import { z } from 'zod'

const Situation = z.object({
  contact_id: z.string().optional(),
  who: z.string().describe('Name and title, as far as known'),
  problem: z.string(),
})
export const Triage = z.object({
  ticket_id: z.string(),
  priority: z.enum(['LOW', 'MEDIUM', 'HIGH', 'URGENT']),
  note_id: z.string().describe('Of the note that you created'),
})
export type Triage = z.infer<typeof Triage>

export function supportCrew(model: Model, tools: readonly StructuredTool[]) {
  const named = (...names: string[]) => tools.filter(({ name }) => names.includes(name))
  return crew('support-crew', { model, inputs: z.object({ ticket: z.string() }) })
    .agent('reader', {
      role: 'a support analyst',
      goal: 'know who asks and what for, from the records alone',
      tools: named('get_single_hub_spot_ticket_by_id', 'get_single_hub_spot_contact_by_id'),
      maxIter: 6,
    })
    .agent('dispatcher', {
      role: 'a support dispatcher',
      goal: 'nobody who cannot work waits behind somebody who has a question',
      tools: named('update_a_hub_spot_ticket_by_id', 'create_a_hub_spot_note'),
      maxIter: 6,
    })
    .task('situation', {
      agent: 'reader',
      prompt: ({ inputs }) =>
        `Read ticket ${inputs.ticket} and, if it names one, its contact. Say who asks and what for.`,
      output: Situation,
    })
    .task('triage', {
      agent: 'dispatcher',
      prompt: ({ inputs }) =>
        [
          `Triage ticket ${inputs.ticket}. Do both, each exactly once:`,
          '- set its priority: HIGH if somebody cannot work, MEDIUM if something is wrong, LOW for the rest;',
          '- create a note on the ticket: one sentence for whoever answers, with ticket_id, and contact_id if it is known.',
        ].join('\n'),
      output: Triage,
      guard: ({ ticket_id }, { inputs }) => ticket_id === inputs.ticket || `Work on ticket ${inputs.ticket}`,
    })
}
