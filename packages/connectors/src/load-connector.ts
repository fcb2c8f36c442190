/**
 * @module
 * Reads `catalog/<system>/` from disk and gives back a connector, or every fault at once. Reading is synchronous: it
 * happens once, when a process starts.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { parseDocument } from 'yaml'
import type { z } from 'zod'
import { buildConnector } from './build-connector.ts'
import { checkReferences } from './check-references.ts'
import { type ConnectorFile, connectorFile } from './connector-file.ts'
import { ConnectorInvalid, type Fault } from './connector-invalid.ts'
import type { Connector } from './contract.ts'
import { parseToolRecord, type ToolRecord } from './tool-docs.ts'

/**
 * Loads a connector folder: `connector.yaml` and `docs/*.md`.
 * @throws ConnectorInvalid with all faults of the format and the records, or, when there are none, of the expressions.
 */
export function loadConnector(folder: string): Connector {
  const id = basename(resolve(folder))
  const faults: Fault[] = []
  const file = readConnectorFile(join(folder, 'connector.yaml'), id, faults)
  const docs = readToolRecords(join(folder, 'docs'), faults)
  if (!file || faults.length > 0) throw new ConnectorInvalid(id, faults)
  return buildConnector(file, docs)
}

function readConnectorFile(path: string, id: string, faults: Fault[]): ConnectorFile | undefined {
  if (!existsSync(path)) {
    faults.push({ path: 'connector.yaml', problem: 'does not exist' })
    return undefined
  }
  const document = parseDocument(readFileSync(path, 'utf8'), { uniqueKeys: true })
  for (const error of document.errors) faults.push({ path: '', problem: error.message.split('\n', 1)[0] ?? '' })
  if (document.errors.length > 0) return undefined
  const result = connectorFile.safeParse(document.toJS())
  if (!result.success) {
    faults.push(...result.error.issues.flatMap((issue) => faultsOf(issue)))
    return undefined
  }
  if (result.data.id !== id) faults.push({ path: 'id', problem: `must be the folder's name, "${id}"` })
  faults.push(...checkReferences(result.data))
  return result.data
}

function faultsOf(issue: z.core.$ZodIssue, above = ''): Fault[] {
  const path = [above, ...issue.path.map(String)].filter((part) => part !== '').join('.')
  if (issue.code !== 'unrecognized_keys') return [{ path, problem: issue.message }]
  return issue.keys.map((key) => ({ path: path === '' ? key : `${path}.${key}`, problem: 'unknown key' }))
}

function readToolRecords(folder: string, faults: Fault[]): ReadonlyMap<string, ToolRecord> {
  const records = new Map<string, ToolRecord>()
  if (!existsSync(folder)) return records
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .sort()
  for (const name of names) {
    const record = parseToolRecord(`docs/${name}`, readFileSync(join(folder, name), 'utf8'))
    if ('description' in record) records.set(name.slice(0, -3), record)
    else faults.push(...record)
  }
  return records
}
