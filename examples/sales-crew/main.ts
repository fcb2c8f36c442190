/**
 * @module
 * Runs the sales crew against a server and checks its work: every write happened exactly once, the audit has them all,
 * and a read-only URL cannot write. Exits non-zero when something is wrong.
 */
import { parseArgs } from 'node:util'
import { callTool, connect, RateGate } from '@quartermaster/client'
import { adminClient, roles } from '@quartermaster/toolsets'
import { auditedWrites } from './audited-writes.ts'
import { environment } from './environment.ts'
import { salesCrew, salesSnapshot, verifySales } from './sales-crew.ts'

const TOP = 8
const { values: flags } = parseArgs({
  options: { help: { type: 'boolean' }, graph: { type: 'boolean' }, model: { type: 'string' } },
})
if (flags.help) {
  console.log(`Usage: node --conditions=quartermaster-source main.ts [--model provider:name] [--graph]

Needs QUARTERMASTER_URL, QUARTERMASTER_ADMIN_TOKEN, QUARTERMASTER_ACCOUNTS ([{"id","system"}]) and SANDBOX_URL:
"quartermaster serve --sandbox" prints all four. --graph prints the graph as Mermaid text.`)
  process.exit()
}

const { url, token, account, companyUrl } = environment(process.env)
const admin = adminClient({ baseUrl: url, token })
const [writing, reading] = await Promise.all([
  roles.sales.issue(admin, { account }),
  roles.sales.methods('read').issue(admin, { account, name: 'sales, read only' }),
])
const [conn, readOnly] = await Promise.all([connect(writing.url, { token }), connect(reading.url, { token })])
const gate = new RateGate()
const faults: string[] = []
try {
  const graph = await salesCrew({ conn, account, gate, ...(flags.model === undefined ? {} : { model: flags.model }) })
  if (flags.graph) {
    console.log((await graph.getGraphAsync()).drawMermaid())
  } else {
    const before = await salesSnapshot(companyUrl)
    const { targets = [], outcomes, memo } = await graph.invoke({ top: TOP, round: Date.now().toString(36) })
    console.log(memo)
    const after = await salesSnapshot(companyUrl)
    const check = verifySales(before, after, { targets, outcomes })
    faults.push(...check.faults)
    if (targets.length !== TOP) faults.push(`the crew worked on ${targets.length} deals instead of ${TOP}`)
    const audited = await auditedWrites({ url, token, serverId: writing.id })
    if (audited !== 2 * TOP) faults.push(`the audit holds ${audited} successful writes instead of ${2 * TOP}`)

    const forbidden = { name: 'update_a_hub_spot_opportunity_by_id' }
    const refused = await callTool(
      readOnly,
      forbidden,
      { id: targets[0]?.id, next_step: 'taken over' },
      { account, gate },
    )
    if (refused.ok) faults.push('a read-only URL could write')
    const listed = (await readOnly.listTools()).filter(({ annotations }) => annotations?.readOnlyHint !== true)
    if (listed.length > 0) faults.push('a read-only URL offers tools that write')
    const untouched = verifySales(before, await salesSnapshot(companyUrl), { targets, outcomes })
    faults.push(...untouched.faults)
    console.log(
      `${check.deals} next steps and ${check.contacts} contacts written once; the read-only URL wrote nothing`,
    )
  }
} finally {
  await Promise.all([conn.close(), readOnly.close()])
}
for (const fault of faults) console.error(`Wrong: ${fault}`)
process.exitCode = faults.length === 0 ? 0 : 1
