/**
 * @module
 * The suite that every connector passes: its cases, and what holds for all connectors.
 */
import { basename, resolve } from 'node:path'
import { isRead, records } from '@quartermaster/protocol'
import { describe, expect, test } from 'vitest'
import type { Connector, Method } from '../src/contract.ts'
import { loadConnector } from '../src/load-connector.ts'
import { type CaseFile, loadCases } from './case-file.ts'
import { checkDiscovery, checkRefusal, checkRequest, methodOf, readCase } from './run-case.ts'

/** Registers the tests of the connector in `folder`. */
export function connectorSuite(folder: string): void {
  describe(`connector ${basename(resolve(folder))}`, () => {
    const connector = loadConnector(folder)
    const cases = loadCases(folder)
    for (const one of cases) test(`${one.method}: ${one.name}`, () => runCase(connector, one))
    describeRules(connector, cases)
  })
}

async function runCase(connector: Connector, one: CaseFile): Promise<void> {
  const [resource, name] = one.method.split('.')
  const method = connector.methods.find(
    (candidate) =>
      candidate.resource === resource && (name === 'discover' ? candidate.discover : candidate.name === name),
  )
  if (!method) throw new TypeError(`Cannot run the case "${one.name}": there is no method ${one.method}`)
  if (name === 'discover') return checkDiscovery(method, one)
  const own = await methodOf(method, one)
  if (one.refused) return checkRefusal(own, one)
  if (one.request) await checkRequest(own, one)
  if (one.answer) expect(await readCase(own, one)).toEqual(expectedOutcome(own, one))
}

/** What a case does not speak about is empty: no quotas, no cursor. A failure's words are checked when they are given. */
function expectedOutcome(method: Method, one: CaseFile): unknown {
  const expected = one.outcome ?? {}
  const rest = {
    ...(expected.cursor === undefined ? {} : { cursor: expected.cursor }),
    ...(expected.total_count === undefined ? {} : { totalCount: expected.total_count }),
    ...(expected.missing === undefined ? {} : { missing: expected.missing }),
    ...(expected.unauthorized === undefined ? {} : { unauthorized: expected.unauthorized }),
  }
  const quotas = expected.quotas ?? []
  if (expected.failure) return { ok: false, failure: expected.failure, ...rest, quotas }
  return { ok: true, records: method.kind === 'delete' ? [] : (expected.records ?? []), ...rest, quotas }
}

function describeRules(connector: Connector, cases: readonly CaseFile[]): void {
  const tools = connector.methods.flatMap((method) => (method.tool ? [{ ...method.tool, method }] : []))
  const silent = connector.methods.filter((method) => !method.tool).map((method) => `${method.resource}.${method.name}`)
  const without = silent.length === 0 ? 'every method is a tool' : `not tools: ${silent.join(', ')}`

  test(`documentation: ${without}`, () => {
    const short = tools.filter(({ description }) => description.length < 20).map(({ name }) => name)
    expect(short).toEqual([])
  })

  test('tool names are unique and valid', () => {
    const names = tools.map(({ name }) => name)
    expect([...new Set(names)]).toEqual(names)
    for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9_]{0,47}$/)
  })

  test('inputs are flat, described scalars', () => {
    for (const { method } of tools) {
      const names = method.input.map(({ name }) => name)
      expect([...new Set(names)]).toEqual(names)
      for (const field of method.input) {
        expect(field.type).toMatch(/^(string|integer|number|boolean)$/)
        expect(field.description).toMatch(/\S{2}/)
        expect(field.name).toMatch(/^(?!(id|ids|limit|next_cursor)$)[a-z][a-z0-9_]*$/)
      }
    }
  })

  test('every resource has a case that maps a record', () => {
    const resources = new Set(connector.methods.map(({ resource }) => resource))
    const mapped = cases.filter((one) => one.outcome?.records?.length).map((one) => one.method.split('.')[0])
    expect([...resources].filter((resource) => !mapped.includes(resource))).toEqual([])
  })

  test('every method has a case with its request', () => {
    const asked = new Set(cases.filter((one) => one.request).map((one) => one.method))
    const all = connector.methods.map((method) => `${method.resource}.${method.name}`)
    expect(all.filter((name) => !asked.has(name))).toEqual([])
  })

  test('there are cases for a quota, for a refusal of the token, and for an answer that is no JSON', () => {
    const failures = cases.map((one) => one.outcome?.failure?.code)
    const kinds = {
      quotas: cases.some((one) => one.answer && one.answer.status < 300 && one.outcome?.quotas?.length),
      limited: failures.includes('rate_limited'),
      unauthorized: cases.some((one) => one.outcome?.unauthorized === true),
      invalid: failures.includes('upstream_invalid'),
    }
    expect(kinds).toEqual({ quotas: true, limited: true, unauthorized: true, invalid: true })
  })

  test('records of cases that read satisfy the canonical schema', () => {
    for (const one of cases) {
      const method = connector.methods.find((candidate) => `${candidate.resource}.${candidate.name}` === one.method)
      if (!method || !isRead(method.kind)) continue
      const { schema } = records[method.record]
      for (const record of one.outcome?.records ?? []) expect(schema.safeParse(record).error?.issues ?? []).toEqual([])
    }
  })
}
