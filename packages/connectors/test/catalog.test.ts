/** @module Every connector of the catalog passes the suite. Adding a folder adds its tests. */
import { expect, test } from 'vitest'
import { catalogEntries } from '../src/load-catalog.ts'
import { connectorSuite } from './connector-suite.ts'

for (const folder of catalogEntries()) connectorSuite(folder)

test('catalogEntries() finds the systems of the catalog', () => {
  expect(catalogEntries().map((folder) => folder.split('/').at(-1))).toEqual(['hubspot', 'salesforce'])
})
