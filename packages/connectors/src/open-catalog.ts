/**
 * @module
 * The catalog as a server has it: the systems are known at once, and each connector is loaded when it is first needed, so
 * that a process pays for the systems that its accounts are of, and one broken folder stops no other.
 */
import { basename } from 'node:path'
import type { Connector } from './contract.ts'
import { catalogEntries, catalogFolder } from './load-catalog.ts'
import { loadConnector } from './load-connector.ts'

/**
 * The systems of a catalog by id, in the order of the ids. `get` throws ConnectorInvalid, each time the same, when the
 * folder of the system cannot be loaded; so does whatever goes through all values. The ids need no folder to be sound.
 */
export function openCatalog(folder: string = catalogFolder): ReadonlyMap<string, Connector> {
  const folders = new Map(catalogEntries(folder).map((entry) => [basename(entry), entry]))
  const outcomes = new Map<string, { readonly connector: Connector } | { readonly error: unknown }>()

  const load = (path: string) => {
    try {
      return { connector: loadConnector(path) }
    } catch (error) {
      return { error }
    }
  }
  const get = (id: string): Connector | undefined => {
    const path = folders.get(id)
    if (path === undefined) return undefined
    const outcome = outcomes.get(id) ?? load(path)
    outcomes.set(id, outcome)
    if ('error' in outcome) throw outcome.error
    return outcome.connector
  }
  const all = (): ReadonlyMap<string, Connector> =>
    new Map(
      [...folders.keys()].flatMap((id) => {
        const connector = get(id)
        return connector ? [[id, connector]] : []
      }),
    )
  return {
    get,
    has: (id) => folders.has(id),
    keys: () => folders.keys(),
    get size() {
      return folders.size
    },
    values: () => all().values(),
    entries: () => all().entries(),
    forEach: (visit, self) => all().forEach(visit, self),
    [Symbol.iterator]: () => all().entries(),
  }
}
