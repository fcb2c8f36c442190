/**
 * @module
 * The catalog: every folder of it is a system.
 */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Connector } from './contract.ts'
import { loadConnector } from './load-connector.ts'

/** The catalog that this package ships. It stands beside `src` and beside `dist`. */
export const catalogFolder: string = fileURLToPath(new URL('../catalog', import.meta.url))

/** The folders of a catalog, sorted by name: one per system. */
export function catalogEntries(folder: string = catalogFolder): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'connector.yaml')))
    .map((entry) => join(folder, entry.name))
    .sort()
}

/**
 * Loads every connector of a catalog, by id, in the order of the ids.
 * @throws ConnectorInvalid for the first folder that cannot be loaded.
 */
export function loadCatalog(folder: string = catalogFolder): ReadonlyMap<string, Connector> {
  return new Map(
    catalogEntries(folder)
      .map((entry) => loadConnector(entry))
      .map((connector) => [connector.id, connector]),
  )
}
