/**
 * @module
 * What the demo company's colleagues are busy with, in HubSpot's property names and option values.
 */
import type { Lead, Note, Task, Ticket } from '../world/world.ts'
import { ownerId, type Values } from './seed-values.ts'

/** A ticket in the support pipeline. */
export function ticketValues(ticket: Ticket): Values {
  return {
    subject: ticket.subject,
    content: ticket.body,
    hs_pipeline: '0',
    hs_pipeline_stage: String(ticket.step),
    hs_ticket_priority: ticket.priority.toUpperCase(),
    hs_ticket_category: ticket.key % 2 === 0 ? 'PRODUCT_ISSUE' : 'GENERAL_INQUIRY',
    source_type: ticket.key % 3 === 0 ? 'FORM' : 'EMAIL',
    hubspot_owner_id: ownerId(ticket.ownerKey),
  }
}

/** A lead; whoever it is about is the contact that it is associated with. */
export function leadValues(lead: Lead): Values {
  const name = [lead.person.firstName, lead.person.lastName].filter(Boolean).join(' ')
  return {
    hs_lead_name: `${name} – inbound`,
    hs_lead_label: lead.rating.toUpperCase(),
    hs_lead_type: 'NEW_BUSINESS',
    hs_pipeline: 'lead-pipeline-id',
    hs_pipeline_stage: lead.working ? 'attempting-stage-id' : 'new-stage-id',
    hubspot_owner_id: ownerId(lead.ownerKey),
  }
}

/** A task, due at midnight UTC. */
export function taskValues(task: Task): Values {
  return {
    hs_task_subject: task.subject,
    hs_task_status: task.done ? 'COMPLETED' : 'NOT_STARTED',
    hs_task_priority: task.priority.toUpperCase(),
    hs_timestamp: `${task.dueDate}T00:00:00.000Z`,
    hs_task_type: 'TODO',
    hubspot_owner_id: ownerId(task.ownerKey),
  }
}

/** A note; HubSpot keeps the body as HTML. */
export function noteValues(note: Note): Values {
  const escaped = note.body.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return {
    hs_note_body: `<div><p>${escaped.replace(/\r?\n/g, '<br>')}</p></div>`,
    hs_timestamp: note.updatedAt,
    hubspot_owner_id: ownerId(note.ownerKey),
  }
}
