/**
 * @module
 * Plays reader and dispatcher without a model: a fixed decision for each question.
 */
import { type ScriptedTurn, scriptedModel } from '@quartermaster/crew'
import { z } from 'zod'

const text = z.string().nullish()
const Ticket = z.object({
  result: z.object({ subject: text, description: text, contact: z.object({ id: z.string() }).nullish() }),
})
const Contact = z.object({ result: z.object({ first_name: text, last_name: text, title: text }) })
const Known = z.object({
  situation: z.object({ contact_id: z.string().optional(), who: z.string(), problem: z.string() }),
})
const Created = z.object({ result: z.object({ id: z.coerce.string() }) })

export const supportScript = scriptedModel((turn) =>
  turn.tools.includes('answer_situation') ? read(turn) : dispatch(turn),
)

function read({ question, results: [ticket, contact] }: ScriptedTurn) {
  if (!ticket) return { calls: [{ name: 'get_single_hub_spot_ticket_by_id', args: { id: /\d+/.exec(question)?.[0] } }] }
  const { subject, description, contact: who } = Ticket.parse(JSON.parse(ticket.text)).result
  const problem = description ?? subject ?? 'unknown'
  if (!who) return { calls: [{ name: 'answer_situation', args: { contact_id: null, who: 'unknown', problem } }] }
  if (!contact) return { calls: [{ name: 'get_single_hub_spot_contact_by_id', args: { id: who.id } }] }
  const { first_name, last_name, title } = Contact.parse(JSON.parse(contact.text)).result
  const name = [first_name, last_name].filter(Boolean).join(' ')
  return {
    calls: [
      { name: 'answer_situation', args: { contact_id: who.id, who: title ? `${name}, ${title}` : name, problem } },
    ],
  }
}

function dispatch({ question, results }: ScriptedTurn) {
  const id = /ticket (\d+)/.exec(question)?.[1]
  const { situation } = Known.parse(JSON.parse(question.slice(question.lastIndexOf('\n') + 1)))
  const { contact_id, who, problem } = situation
  const priority = /fail|cannot|down|broken/i.test(problem)
    ? 'HIGH'
    : /wrong|missing|invoice/i.test(problem)
      ? 'MEDIUM'
      : 'LOW'
  const note = results.find(({ name }) => name === 'create_a_hub_spot_note')
  if (note) {
    const note_id = Created.parse(JSON.parse(note.text)).result.id
    return { calls: [{ name: 'answer_triage', args: { ticket_id: id, priority, note_id } }] }
  }
  const body = `Triage: ${who} asks; ${priority === 'HIGH' ? 'somebody cannot work' : 'nobody is held up'}.`
  return {
    calls: [
      { name: 'update_a_hub_spot_ticket_by_id', args: { id, priority } },
      { name: 'create_a_hub_spot_note', args: { body, ticket_id: id, contact_id: contact_id ?? null } },
    ],
  }
}
