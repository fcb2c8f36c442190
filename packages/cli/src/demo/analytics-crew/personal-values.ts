/**
 * @module
 * Everything personal that a demo company of the sandbox holds, read through the sandbox's control API: the yardstick
 * for what an agent may have received.
 */
import { z } from 'zod'

const text = z.string().nullable()
const world = z.object({
  colleagues: z.array(z.object({ lastName: z.string(), email: z.string() })),
  organisations: z.array(z.object({ name: z.string(), phone: text, street: text, description: text })),
  people: z.array(
    z.object({
      lastName: z.string(),
      email: text,
      otherEmails: z.array(z.string()),
      assistantEmail: text,
      phone: text,
      mobile: text,
      street: text,
      birthDate: text,
      notes: text,
    }),
  ),
  deals: z.array(z.object({ name: z.string(), nextStep: text, notes: text })),
})
const records = z.object({ records: z.array(z.object({ values: z.record(z.string(), z.unknown()) })) })

/** Values by kind, each list without repetitions. */
export interface PersonalValues {
  readonly emails: readonly string[]
  readonly phones: readonly string[]
  /** Of five letters and more, unless a company or a deal is called so too. */
  readonly last_names: readonly string[]
  /** Sentences of notes and descriptions. */
  readonly notes: readonly string[]
  readonly streets: readonly string[]
  readonly birth_dates: readonly string[]
  /** Fields that only this company has: who works where, and by which badge. */
  readonly custom_fields: readonly string[]
}

/** @param companyUrl such as `http://127.0.0.1:4800/__sandbox/acme` */
export async function personalValues(companyUrl: string): Promise<PersonalValues> {
  const ask = async (path: string): Promise<unknown> => (await fetch(`${companyUrl}/${path}`)).json()
  const { colleagues, organisations, people, deals } = world.parse(await ask('world'))
  const contacts = records.parse(await ask('hubspot/records/contacts')).records
  const business = [...organisations, ...deals].map(({ name }) => name.toLowerCase()).join('\n')
  const sentences = [...people, ...deals]
    .flatMap(({ notes }) => notes ?? [])
    .concat(organisations.flatMap(({ description }) => description ?? []))
  return {
    emails: unique([
      ...colleagues.map(({ email }) => email),
      ...people.flatMap(({ email, otherEmails, assistantEmail }) => [email, assistantEmail, ...otherEmails]),
    ]),
    phones: unique([...people.flatMap(({ phone, mobile }) => [phone, mobile]), ...organisations.map((o) => o.phone)]),
    last_names: unique([...colleagues, ...people].map(({ lastName }) => lastName)).filter(
      (name) => [...name].length >= 5 && !business.includes(name.toLowerCase()),
    ),
    notes: unique(sentences.flatMap((note) => note.split(/[\r\n;!?]+|\. /)).map((part) => part.trim())).filter(
      // A sentence cut at "Co." is a company's name.
      (sentence) => sentence.length >= 12 && !business.includes(sentence.toLowerCase()),
    ),
    streets: unique([...people, ...organisations].map(({ street }) => street)),
    birth_dates: unique(people.map(({ birthDate }) => birthDate)),
    custom_fields: unique(
      contacts.map(({ values }) => z.string().nullable().catch(null).parse(values['badge_number'])),
    ),
  }
}

function unique(values: readonly (string | null)[]): string[] {
  return [...new Set(values.filter((value): value is string => value !== null && value !== ''))]
}
