/** @module Every connector of the catalog passes the suite. Adding a folder adds its tests. */
import { describe, expect, test } from 'vitest'
import { connectorSuite } from './connector-suite.ts'
import { catalogEntries } from './load-catalog.ts'

for (const folder of catalogEntries()) connectorSuite(folder, { describe, test, expect })

test('catalogEntries() finds the systems of the catalog', () => {
  expect(catalogEntries().map((folder) => folder.split('/').at(-1))).toEqual(['hubspot', 'salesforce'])
})
