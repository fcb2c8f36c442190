/** @module A catalog of which one system is broken. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ConnectorInvalid } from './connector-invalid.ts'
import { catalogFolder } from './load-catalog.ts'
import { openCatalog } from './open-catalog.ts'

/** A copy of the catalog that is this test's own. */
function copiedCatalog(): string {
  const folder = mkdtempSync(join(tmpdir(), 'quartermaster-catalog-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  cpSync(catalogFolder, folder, { recursive: true })
  return folder
}

test('openCatalog() knows every system before it has read one, and loads each once', () => {
  const folder = copiedCatalog()
  const [file, sound] = [
    join(folder, 'hubspot', 'connector.yaml'),
    readFileSync(join(folder, 'hubspot/connector.yaml')),
  ]
  writeFileSync(file, 'not read yet: [')
  const catalog = openCatalog(folder)
  expect([...catalog.keys()]).toEqual(['hubspot', 'salesforce'])
  expect([catalog.size, catalog.has('hubspot'), catalog.has('other'), catalog.get('other')]).toEqual([
    2,
    true,
    false,
    undefined,
  ])
  writeFileSync(file, sound)
  const connector = catalog.get('hubspot')
  expect(connector?.id).toBe('hubspot')
  expect(catalog.get('hubspot')).toBe(connector)
  expect([...catalog.values()].map(({ id }) => id)).toEqual(['hubspot', 'salesforce'])
  expect([...catalog].map(([id]) => id)).toEqual(['hubspot', 'salesforce'])
})

test('openCatalog() refuses a broken system with its faults, each time, and no other system', () => {
  const folder = copiedCatalog()
  writeFileSync(join(folder, 'hubspot', 'connector.yaml'), 'format: 2')
  const catalog = openCatalog(folder)
  expect(() => catalog.get('hubspot')).toThrow(ConnectorInvalid)
  expect(() => catalog.get('hubspot')).toThrow('Cannot load connector "hubspot"')
  expect(catalog.get('salesforce')?.id).toBe('salesforce')
  expect(() => [...catalog.values()]).toThrow(ConnectorInvalid)
})
