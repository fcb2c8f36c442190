/**
 * @module
 * What the demo company's colleagues are busy with, in Salesforce's fields.
 */
import type { Lead, Note, Task, Ticket } from '../world/world.ts'
import type { Row } from './row.ts'
import { type CaseStep, caseSteps } from './schema/case-status.ts'

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1)

/** The step that a ticket of the demo company is in. */
export function stepOf(ticket: Ticket): CaseStep | undefined {
  return caseSteps[ticket.step - 1]
}

/** A ticket as a case. */
export function caseFields(ticket: Ticket): Row {
  return {
    Subject: ticket.subject,
    Description: ticket.body,
    Status: stepOf(ticket)?.label ?? null,
    Priority: capital(ticket.priority),
    Type: ticket.key % 2 === 0 ? 'Problem' : 'Question',
    Origin: ticket.key % 3 === 0 ? 'Web' : 'Email',
  }
}

const segments = ['Enterprise', 'Small Business', 'Public Sector']

/** A lead with the person's own facts, and what only this org writes down about leads. */
export function leadFields({ key, person, company, rating, working, createdAt }: Lead): Row {
  return {
    Segment__c: segments[key % segments.length] ?? null,
    Budget_Approved__c: rating === 'hot',
    Seats__c: (key % 4) * 25 + 0.5,
    Decision_By__c: createdAt.slice(0, 10),
    FirstName: person.firstName,
    LastName: person.lastName,
    Company: company,
    Title: person.title,
    Email: person.email,
    Phone: person.phone,
    MobilePhone: person.mobile,
    LeadSource: person.leadSource,
    Status: working ? 'Working - Contacted' : 'Open - Not Contacted',
    Rating: capital(rating),
    Description: person.notes,
    Street: person.street,
    City: person.city,
    State: person.state,
    PostalCode: person.postalCode,
    Country: person.country,
  }
}

/** A task; `Normal` is Salesforce's word for the middle. */
export function taskFields(task: Task): Row {
  return {
    Subject: task.subject,
    ActivityDate: task.dueDate,
    Status: task.done ? 'Completed' : 'Not Started',
    Priority: task.priority === 'medium' ? 'Normal' : capital(task.priority),
    TaskSubtype: 'Task',
  }
}

/** A note, in plain text. */
export function noteFields({ title, body }: Note): Row {
  return { Title: title, Body: body }
}
