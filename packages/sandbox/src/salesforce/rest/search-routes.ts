/**
 * @module
 * `search` with SOSL, and `parameterizedSearch`, which needs no grammar.
 */
import type { Hono } from 'hono'
import type { VendorContext, VendorEnv } from '../../vendor.ts'
import { refused } from '../refusal.ts'
import type { Org } from '../seed.ts'
import { parseQuery } from '../soql/parse-query.ts'
import type { Query } from '../soql/query.ts'
import type { QueryOptions } from '../soql/run-query.ts'
import { parseSearch } from '../sosl/parse-search.ts'
import { MAX_RESULTS, runSearch, type Search, type SearchGroup } from '../sosl/search.ts'
import { plainTerms } from '../sosl/search-terms.ts'
import { isObject, type JsonObject, readObject } from './body.ts'
import { type Call, json, resource, rootOf, VERSION_ROOT } from './resource.ts'

const NAME = /^[A-Za-z]\w*(\.[A-Za-z]\w*)*$/
const GROUPS: readonly SearchGroup[] = ['ALL', 'NAME', 'EMAIL', 'PHONE']

export function searchRoutes(app: Hono<VendorEnv>, context: VendorContext, org: Org): void {
  const answer = (call: Call, search: Search): Response => {
    const options: QueryOptions = { store: org.store, root: rootOf(call), now: context.now() }
    return json({ searchRecords: runSearch(search, options) })
  }
  resource(app, `${VERSION_ROOT}/search`, {
    GET: (call) => {
      const sosl = call.req.query('q')
      if (!sosl) throw refused(400, 'MALFORMED_SEARCH', 'A search string has to be specified')
      return answer(call, parseSearch(sosl))
    },
  })
  resource(app, `${VERSION_ROOT}/parameterizedSearch`, {
    GET: (call) => {
      const { q, sobject, in: group } = call.req.query()
      const fields = sobject === undefined ? undefined : call.req.query(`${sobject}.fields`)?.split(',')
      const sobjects = sobject === undefined ? undefined : [{ name: sobject, fields }]
      return answer(call, readSearch({ q, in: group, sobjects }))
    },
    POST: async (call) => answer(call, readSearch(await readObject(call))),
  })
}

/** @throws {Refused} when the parameters do not fit. */
function readSearch(body: JsonObject): Search {
  const { q, sobjects } = body
  if (typeof q !== 'string' || q.trim().length < 2) {
    throw refused(400, 'MALFORMED_SEARCH', 'search term must be longer than one character')
  }
  const asked = String(body['in'] ?? 'ALL').toUpperCase()
  const group = GROUPS.find((candidate) => candidate === asked)
  if (group === undefined) throw refused(400, 'INVALID_SEARCH_SCOPE', `${asked} is not a search scope`)
  const shared = texts(body['fields'])
  const defaultLimit = count(body['defaultLimit'])
  const objects: readonly unknown[] | null = Array.isArray(sobjects) ? sobjects : null
  const returning = objects?.map((object) => readObjectClause(object, shared, defaultLimit)) ?? null
  return { matches: plainTerms(q), group, returning, limit: count(body['overallLimit']) ?? MAX_RESULTS }
}

function readObjectClause(object: unknown, shared: readonly string[] | undefined, defaultLimit: number | null): Query {
  const given: JsonObject = isObject(object) ? object : {}
  const fields = texts(given['fields']) ?? shared ?? ['Id']
  const name = String(given['name'] ?? '')
  for (const part of [...fields, name]) {
    if (!NAME.test(part)) throw refused(400, 'MALFORMED_SEARCH', `${part} is not a name`)
  }
  const where = typeof given['where'] === 'string' ? ` WHERE ${given['where']}` : ''
  const orderBy = typeof given['orderBy'] === 'string' ? ` ORDER BY ${given['orderBy']}` : ''
  const limit = count(given['limit']) ?? defaultLimit
  return parseQuery(
    `SELECT ${fields.join(', ')} FROM ${name}${where}${orderBy}${limit === null ? '' : ` LIMIT ${limit}`}`,
  )
}

function texts(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.map(String) : undefined
}

function count(value: unknown): number | null {
  if (value === undefined || value === null) return null
  const number = Number(value)
  if (!Number.isInteger(number) || number < 1 || number > MAX_RESULTS) {
    throw refused(400, 'MALFORMED_SEARCH', `${String(value)} is not a limit from 1 to ${MAX_RESULTS}`)
  }
  return number
}
