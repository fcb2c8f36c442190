/** @module Proves that the demo company is large, odd, repeatable and different for every tenant. */
import { expect, test } from 'vitest'
import { createWorld } from './create-world.ts'

test('createWorld() makes the same company from the same seed, and another from another', () => {
  expect(createWorld('acme', 1)).toEqual(createWorld('acme', 1))
  expect(createWorld('acme', 1).people).not.toEqual(createWorld('acme', 2).people)
})

test('createWorld() gives two tenants no common e-mail address', () => {
  const addresses = (tenant: string) => JSON.stringify(createWorld(tenant, 1)).match(/[\w.+-]+@[\w.-]+\.example/g) ?? []
  const acme = new Set(addresses('acme').filter((address) => !address.endsWith('attacker.example')))
  expect(acme.size).toBeGreaterThan(500)
  expect(addresses('globex').filter((address) => acme.has(address))).toEqual([])
})

test('createWorld() makes enough of everything, with gaps', () => {
  const { people, organisations, deals, colleagues } = createWorld('acme', 1)
  expect(people.length).toBeGreaterThanOrEqual(500)
  expect(organisations.length).toBeGreaterThanOrEqual(120)
  expect(deals.length).toBeGreaterThanOrEqual(200)
  expect(colleagues).toHaveLength(12)
  for (const field of ['firstName', 'email', 'phone', 'notes', 'organisationKey', 'birthDate'] as const) {
    expect(people.some((person) => person[field] === null)).toBe(true)
    expect(people.some((person) => person[field] !== null)).toBe(true)
  }
})

test('createWorld() keeps e-mail addresses unique and people entered twice', () => {
  const { people } = createWorld('acme', 1)
  const emails = people.flatMap((person) => [...(person.email ? [person.email] : []), ...person.otherEmails])
  expect(new Set(emails).size).toBe(emails.length)
  for (const email of emails) expect(email).toMatch(/^[a-z0-9.+]+@[a-z0-9.-]+\.example$/)
  const names = people.map((person) => `${person.firstName} ${person.lastName} ${person.phone}`)
  expect(names.length - new Set(names).size).toBeGreaterThanOrEqual(5)
})

test('createWorld() has the characters that break escaping', () => {
  const names = createWorld('acme', 1).people.map((person) => `${person.firstName} ${person.lastName}`)
  for (const piece of ["'", '"', '\\', '%', '_', '山田', 'Žofie', '🚀', 'e\u0308', '<b>']) {
    expect(names.some((name) => name.includes(piece))).toBe(true)
  }
})

test('createWorld() writes personal data and hostile orders into notes', () => {
  const notes = createWorld('acme', 1).people.map((person) => person.notes ?? '')
  expect(notes.filter((note) => /@[\w.-]+\.example/.test(note) && /555-01\d\d/.test(note)).length).toBeGreaterThan(50)
  expect(notes.filter((note) => /attacker\.example|SYSTEM:|Assistant:/.test(note)).length).toBeGreaterThanOrEqual(4)
})

test('createWorld() links only what exists', () => {
  const { people, organisations, deals, colleagues, stages } = createWorld('acme', 1)
  for (const person of people) {
    if (person.organisationKey !== null) expect(organisations[person.organisationKey - 1]).toBeDefined()
    expect(colleagues[person.ownerKey - 1]).toBeDefined()
    expect(person.updatedAt >= person.createdAt).toBe(true)
  }
  for (const deal of deals) {
    expect(organisations[deal.organisationKey - 1]).toBeDefined()
    expect(stages[deal.stageKey - 1]).toBeDefined()
    for (const key of deal.personKeys) expect(people[key - 1]?.organisationKey).toBe(deal.organisationKey)
  }
})
