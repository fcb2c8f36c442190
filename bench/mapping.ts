/**
 * @module
 * How long mapping a page of 100 records blocks the event loop: the interpreter, the closures, and all of reading an
 * answer. Records come from the sandbox. Prints a table, then one line of JSON.
 */
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import {
  catalogEntries,
  compileExpression,
  type Expression,
  loadConnector,
  type Method,
  type UpstreamResponse,
} from '@quartermaster/connectors'
import { createSandbox } from '@quartermaster/sandbox'
import { parse } from 'yaml'

const PAGE = 100
/** Whether it works is asked, not how fast it is: few rounds, no verdict. */
const TINY = process.argv.includes('--tiny')
const ROUNDS = TINY ? 1 : 60
const WARM_UP = TINY ? 0 : 20

interface CatalogFile {
  readonly lists?: { readonly [name: string]: readonly string[] }
  readonly resources: { readonly [name: string]: { readonly map: string } }
}

/** The answer to `list` of the most records that the sandbox has, up to a page, repeated to a full page. */
async function pageOf(method: Method, scopes: string): Promise<UpstreamResponse> {
  const origin = 'http://sandbox.test'
  const sandbox = createSandbox({ tenants: ['acme'], origin, now: () => Date.UTC(2026, 10, 22) })
  const { accessToken } = sandbox.control('acme', method.system).signIn({ scope: scopes })
  const base = `${origin}/acme/${method.system}`
  const { url, headers, ...init } = await method.prepare({ args: {}, limit: PAGE }, { base })
  const sent = { ...headers, authorization: `Bearer ${accessToken}` }
  const response = await sandbox.fetch(new Request(url, { ...init, headers: sent }))
  const body = (await response.json()) as { [member: string]: unknown }
  const member = Object.keys(body).find((name) => Array.isArray(body[name])) ?? ''
  const records = body[member] as readonly object[]
  if (!response.ok || records.length === 0) throw new Error(`Cannot measure ${method.resource}: no records`)
  const page = Array.from({ length: PAGE }, (_, index) => records[index % records.length])
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: JSON.stringify({ ...body, [member]: page }),
  }
}

function recordsOf(response: UpstreamResponse): readonly unknown[] {
  const members: readonly unknown[] = Object.values(JSON.parse(response.body) as object)
  return members.find((member) => Array.isArray(member)) ?? []
}

/** Median milliseconds of one run. */
async function median(run: () => unknown): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
    const start = performance.now()
    await run()
    if (round >= WARM_UP) times.push(performance.now() - start)
  }
  return times.sort((left, right) => left - right)[Math.floor(ROUNDS / 2)] ?? 0
}

function mapAll(map: Expression, records: readonly unknown[], lists: CatalogFile['lists']): () => Promise<void> {
  return async () => {
    for (const record of records) {
      const mapped = map(record, { ...lists, kind: 'list', input: {} })
      if (mapped instanceof Promise) await mapped
    }
  }
}

const rows = []
for (const folder of catalogEntries()) {
  const connector = loadConnector(folder)
  const file = parse(readFileSync(join(folder, 'connector.yaml'), 'utf8'), { merge: true }) as CatalogFile
  const lists = file.lists ?? {}
  const scopes = [...connector.auth.scopes.required, ...connector.auth.scopes.optional].join(' ')
  for (const resource of ['contact', 'opportunity']) {
    const method = connector.methods.find((one) => one.resource === resource && one.name === 'list')
    const source = file.resources[resource]?.map
    if (!method || source === undefined) throw new Error(`Cannot measure ${resource}: ${connector.id} does not list it`)
    const response = await pageOf(method, scopes)
    const records = recordsOf(response)
    const compile = (interpret: boolean) =>
      compileExpression(source, [...Object.keys(lists), 'kind', 'input'], { interpret })
    if (!compile(false).closed) throw new Error(`Cannot measure ${resource}: its mapping is no closure`)
    const interpreter = await median(mapAll(compile(true).run, records, lists))
    const closures = await median(mapAll(compile(false).run, records, lists))
    const parsed = await median(() => JSON.parse(response.body) as unknown)
    const read = await median(() => method.read(response, { args: {}, limit: PAGE }))
    rows.push({ system: connector.id, resource, interpreter, closures, parsed, read })
  }
}

const ms = (value: number) => value.toFixed(3).padStart(12)
console.log(`ms per ${PAGE} records, median of ${ROUNDS}`)
console.log('system      resource     interpreter    closures      faster  JSON.parse   whole read')
for (const { system, resource, interpreter, closures, parsed, read } of rows) {
  const faster = `${(interpreter / closures).toFixed(1)}x`.padStart(12)
  console.log(
    `${system.padEnd(12)}${resource.padEnd(12)}${ms(interpreter)}${ms(closures)}${faster}${ms(parsed)}${ms(read)}`,
  )
}
console.log(
  JSON.stringify({
    bench: 'mapping',
    records: PAGE,
    rounds: ROUNDS,
    node: process.version,
    cores: availableParallelism(),
    rows,
  }),
)
