import { expect, test } from 'vitest'
import { selectsMethod } from './method.ts'
import {
  atLeastAsStrict,
  mayFilterBy,
  piiActions,
  piiClasses,
  policies,
  strictest,
  treatmentAtLeastAsStrict,
} from './policy.ts'
import type { ClassTree } from './records/field.ts'
import { records } from './records/records.ts'

test('strip shows nothing of a person, and whoever is stripped of a class cannot filter by it', () => {
  for (const piiClass of ['identity', 'contact', 'sensitive', 'free_text'] as const) {
    expect(policies.strip[piiClass]).toBe('strip')
    expect(mayFilterBy(policies.strip, piiClass)).toBe(false)
    expect(mayFilterBy(policies.full, piiClass)).toBe(true)
  }
})

test('the named policies are ordered: strip is stricter than mask, mask than full', () => {
  expect(atLeastAsStrict(policies.strip, policies.mask)).toBe(true)
  expect(atLeastAsStrict(policies.mask, policies.full)).toBe(true)
  expect(atLeastAsStrict(policies.full, policies.mask)).toBe(false)
})

test('a pseudonym hides more than the value, shows something else than a mask, and does not compare with one', () => {
  expect(atLeastAsStrict(policies.pseudonym, policies.full)).toBe(true)
  expect(atLeastAsStrict(policies.full, policies.pseudonym)).toBe(false)
  expect(atLeastAsStrict(policies.pseudonym, policies.mask)).toBe(false)
  expect(atLeastAsStrict(policies.mask, policies.pseudonym)).toBe(false)
  for (const a of piiActions) {
    for (const b of piiActions) {
      expect(strictest(a, b)).toBe(strictest(b, a))
      expect(treatmentAtLeastAsStrict(strictest(a, b), a)).toBe(true)
    }
  }
  expect(strictest('mask', 'pseudonym')).toBe('strip')
})

test('mayFilterBy() is true of what is shown as it is, and of pseudonyms for who may resolve them', () => {
  expect(mayFilterBy(policies.mask, 'contact')).toBe(false)
  expect(mayFilterBy(policies.mask, 'free_text')).toBe(false)
  expect(mayFilterBy(policies.mask, 'identity')).toBe(true)
  expect(mayFilterBy(policies.pseudonym, 'contact')).toBe(false)
  expect(mayFilterBy(policies.pseudonym, 'contact', { resolvesPseudonyms: true })).toBe(true)
  expect(mayFilterBy(policies.pseudonym, 'free_text', { resolvesPseudonyms: true })).toBe(false)
})

test('every field of every record has a class, down to the last member', () => {
  const check = (tree: ClassTree, path: string): void => {
    if (typeof tree === 'string') expect([path, (piiClasses as readonly string[]).includes(tree)]).toEqual([path, true])
    else for (const [member, below] of Object.entries(tree)) check(below, `${path}.${member}`)
  }
  for (const record of Object.values(records)) {
    expect(Object.keys(record.classes)).toEqual(Object.keys(record.schema.shape))
    check(record.classes, record.name)
  }
})

test('selectsMethod() knows groups, kinds and names, and nothing else', () => {
  const list = { kind: 'list', name: 'list' } as const
  const merge = { kind: 'custom', name: 'merge' } as const
  expect(selectsMethod(['read'], list)).toBe(true)
  expect(selectsMethod(['write'], list)).toBe(false)
  expect(selectsMethod(['read', 'write'], merge)).toBe(false)
  expect(selectsMethod(['merge'], merge)).toBe(true)
  expect(selectsMethod(['custom'], merge)).toBe(true)
  expect(selectsMethod(['toString', 'constructor'], list)).toBe(false)
})
