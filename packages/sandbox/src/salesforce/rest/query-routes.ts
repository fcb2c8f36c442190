/**
 * @module
 * `query`, `queryAll` and the pages that follow.
 */
import type { Hono } from 'hono'
import type { VendorContext, VendorEnv } from '../../vendor.ts'
import { instanceOf } from '../record-id.ts'
import { refused } from '../refusal.ts'
import type { Org } from '../seed.ts'
import { runQuery } from '../soql/run-query.ts'
import { createCursors } from './cursors.ts'
import { type Call, json, pathParam, resource, rootOf, VERSION_ROOT } from './resource.ts'

const SMALLEST_BATCH = 200
const LARGEST_BATCH = 2000

export function queryRoutes(app: Hono<VendorEnv>, context: VendorContext, org: Org): void {
  const cursors = createCursors(instanceOf(org.tenant))
  const query = (includeDeleted: boolean) => (call: Call) => {
    const soql = call.req.query('q')
    if (!soql) throw refused(400, 'MALFORMED_QUERY', 'A query string has to be specified')
    const root = rootOf(call)
    const now = context.now()
    const answer = runQuery(soql, { store: org.store, root, now, includeDeleted })
    return json(cursors.open(answer, batchSize(call), root, now))
  }
  const more = (call: Call) =>
    json(cursors.resume(pathParam(call, 'locator'), batchSize(call), rootOf(call), context.now()))

  resource(app, `${VERSION_ROOT}/query`, { GET: query(false) })
  resource(app, `${VERSION_ROOT}/queryAll`, { GET: query(true) })
  resource(app, `${VERSION_ROOT}/query/:locator`, { GET: more })
  resource(app, `${VERSION_ROOT}/queryAll/:locator`, { GET: more })
}

/** What `Sforce-Query-Options: batchSize=500` asks for, within what Salesforce gives. */
function batchSize(call: Call): number {
  const asked = /batchSize\s*=\s*(\d+)/i.exec(call.req.header('sforce-query-options') ?? '')?.[1]
  return asked === undefined ? LARGEST_BATCH : Math.min(LARGEST_BATCH, Math.max(SMALLEST_BATCH, Number(asked)))
}
