/** @module The file of the rules in force. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadCatalog } from '@quartermaster/connectors'
import { expect, test } from 'vitest'
import { followClassification } from './classification-file.ts'

const rules = (piiClass: string) => `
format: 1
tenants: { acme: { hubspot: { contact: { custom_fields: { badge_number: ${piiClass} } } } } }`

test('followClassification() takes up a changed file, and keeps the rules in force when the file is broken', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'quartermaster-rules-')), 'rules.yaml')
  const [changes, faults]: [number[], string[][]] = [[], []]
  const on = {
    catalog: loadCatalog(),
    changed: () => changes.push(1),
    fault: (all: readonly string[]) => faults.push([...all]),
  }
  expect(() => followClassification(path, on)).toThrow('does not open (ENOENT)')
  writeFileSync(path, rules('nothing'))
  expect(() => followClassification(path, on)).toThrow('custom_fields.badge_number')

  writeFileSync(path, rules('contact'))
  const followed = followClassification(path, on)
  const badge = () => followed.current().of('acme', 'hubspot', 'contact').custom.get('badge_number')?.piiClass
  expect(badge()).toBe('contact')
  writeFileSync(path, rules('none'))
  process.emit('SIGHUP')
  expect([badge(), changes.length]).toEqual(['none', 1])
  writeFileSync(path, 'format: [')
  process.emit('SIGHUP')
  expect([badge(), changes.length, faults.length]).toEqual(['none', 1, 1])
  followed.stop()
  writeFileSync(path, rules('contact'))
  process.emit('SIGHUP')
  expect(badge()).toBe('none')
})
