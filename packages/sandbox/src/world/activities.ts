/**
 * @module
 * What the demo company's colleagues are busy with: tickets, leads, tasks and notes. All of it follows from the people
 * and deals that are there, so that every system tells the same story.
 */
import { worldDay } from './timeline.ts'
import type { Deal, Lead, Note, Organisation, Person, Task, Ticket } from './world.ts'

const day = 86_400_000
const priorities = ['low', 'medium', 'high'] as const
const ratings = ['hot', 'warm', 'cold'] as const
const questions = ['How do we export our data?', 'The invoice shows the wrong address', 'Sign-in fails since Monday']

/** Every eighteenth person has asked for help, a third of them twice. */
export function makeTickets(people: readonly Person[]): Ticket[] {
  const asking = people.flatMap((person, index) => {
    if (person.key % 18 !== 0) return []
    return index % 3 === 0 ? [person, person] : [person]
  })
  return asking.map((person, index) => ({
    key: index + 1,
    subject: `Question from ${nameOf(person)}`,
    body: person.notes ?? questions[index % questions.length] ?? '',
    step: 1 + (index % 4),
    priority: priorities[index % priorities.length] ?? 'medium',
    ...belongsTo(person),
  }))
}

/** Every twenty-fifth person is somebody's lead. */
export function makeLeads(people: readonly Person[], organisations: readonly Organisation[]): Lead[] {
  return people
    .filter((person) => person.key % 25 === 0)
    .map((person, index) => ({
      key: index + 1,
      person,
      company: organisations[(person.organisationKey ?? 0) - 1]?.name ?? 'Unknown',
      rating: ratings[index % ratings.length] ?? 'warm',
      working: index % 2 === 1,
      ...belongsTo(person),
    }))
}

/** Each deal with a next step has it as a task. */
export function makeTasks(deals: readonly Deal[]): Task[] {
  const planned = deals.filter((deal) => deal.nextStep !== null)
  return planned.map((deal, index) => ({
    key: index + 1,
    subject: deal.nextStep ?? '',
    dueDate: new Date(worldDay + ((index % 40) - 20) * day).toISOString().slice(0, 10),
    done: index % 4 === 3,
    priority: priorities[index % priorities.length] ?? 'medium',
    dealKey: deal.key,
    personKey: deal.personKeys[0] ?? null,
    ownerKey: deal.ownerKey,
    createdAt: deal.createdAt,
    updatedAt: deal.updatedAt,
  }))
}

/** What was written about people, once as a note of its own. */
export function makeNotes(people: readonly Person[]): Note[] {
  const noted = people.filter((person) => person.notes !== null)
  return noted.map((person, index) => ({
    key: index + 1,
    title: `About ${nameOf(person)}`.slice(0, 80),
    body: person.notes ?? '',
    ...belongsTo(person),
  }))
}

function nameOf(person: Person): string {
  return [person.firstName, person.lastName].filter(Boolean).join(' ')
}

function belongsTo({ key, organisationKey, ownerKey, createdAt, updatedAt }: Person) {
  return { personKey: key, organisationKey, ownerKey, createdAt, updatedAt }
}
