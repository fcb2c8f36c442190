/**
 * @module
 * Runs the sales crew against a server and checks its work: every write happened exactly once, the audit has them all,
 * and a read-only URL cannot write. Exits non-zero when something is wrong.
 */
import { parseArgs } from 'node:util'
import { MemorySaver } from '@langchain/langgraph'
import { callTool, connect, RateGate } from '@quartermaster/client'
import { readyModel } from '@quartermaster/crew'
import { adminClient } from '@quartermaster/toolsets'
import { dealDesk, salesCrew, salesDesk, salesSnapshot, verifySales } from 'quartermaster/demo'
import { environment } from '../environment.ts'
import { missingGraphs } from '../readme-graphs.ts'
import { auditedWrites } from './audited-writes.ts'
import { withApproval } from './with-approval.ts'

const help = `Usage: npm run examples -- sales-crew [--model provider:name] [--graph]

A crew for each of the eight largest open deals, all at once. --graph prints the graphs as Mermaid text instead.
Run by hand it needs QUARTERMASTER_URL, QUARTERMASTER_ADMIN_TOKEN, QUARTERMASTER_ACCOUNTS ([{"id","system"}]) and
SANDBOX_URL: "npx quartermaster serve --sandbox" prints all four.`

const TOP = 8
const { values: flags } = parseArgs({
  options: { help: { type: 'boolean' }, graph: { type: 'boolean' }, model: { type: 'string' } },
})
const faults = flags.help ? [] : await sell().catch((error: Error) => [error.message])
if (flags.help) console.log(help)
for (const fault of faults) console.error(`Wrong: ${fault}`)
process.exitCode = faults.length === 0 ? 0 : 1

async function sell(): Promise<string[]> {
  const { url, token, tenant, accountOf, companyUrl } = environment(process.env)
  const account = accountOf('hubspot')
  const model = flags.model === undefined ? {} : { model: await readyModel(flags.model) }
  const admin = adminClient({ baseUrl: url, token })
  const [full, reading, { token: agents }] = await Promise.all([
    salesDesk.approve(['update']).issue(admin, { account, expiresInS: 3600 }),
    salesDesk.methods('read').issue(admin, { account, expiresInS: 3600, name: 'sales desk, read only' }),
    admin.runtimeToken({ tenant, name: 'sales crew' }),
  ])
  const [conn, readOnly] = await Promise.all([
    connect(full.url, { token: agents }),
    connect(reading.url, { token: agents }),
  ])
  const gate = new RateGate()
  try {
    const graph = await salesCrew({ conn, account, gate, checkpointer: new MemorySaver(), ...model })
    const drawings = [(await graph.getGraphAsync()).drawMermaid(), await dealDesk('', []).toMermaid()]
    if (flags.graph) {
      console.log(drawings.join('\n'))
      return []
    }
    const before = await salesSnapshot(companyUrl)
    const round = Date.now().toString(36)
    const { state, granted, refused } = await withApproval(
      graph,
      { top: TOP, round },
      { configurable: { thread_id: round } },
      // A person would look at `approval.changes`; this one refuses the third.
      ({ approval }, nth) =>
        nth === 3 ? { approve: false, reason: `not now: ${approval.action}` } : { approve: true },
    )
    const { targets = [], outcomes, memo } = state
    console.log(memo)
    console.log(`A person was asked ${granted + refused} times and refused ${refused}.`)

    const update = { name: 'update_a_hub_spot_opportunity_by_id' }
    const args = { id: targets[0]?.id, next_step: 'taken over' }
    const attempt = await callTool(readOnly, update, args, { account, gate })
    const writing = (await readOnly.listTools()).filter(({ annotations }) => annotations?.readOnlyHint !== true)
    // Taken after the attempt, so that a write which slipped through would show.
    const check = verifySales(before, await salesSnapshot(companyUrl), { targets, outcomes })
    const audited = await auditedWrites({ url, token, serverId: full.id })
    console.log(`${check.deals} next steps and ${check.contacts} contacts written, ${audited} writes in the audit`)
    return [
      ...check.faults,
      ...(targets.length === TOP ? [] : [`the crew worked on ${targets.length} deals instead of ${TOP}`]),
      ...(audited === 2 * TOP - 1 ? [] : [`the audit holds ${audited} successful writes instead of ${2 * TOP - 1}`]),
      ...(granted === TOP - 1 && refused === 1 ? [] : [`a person granted ${granted} and refused ${refused}`]),
      ...(attempt.ok ? ['a read-only URL could write'] : []),
      ...(writing.length === 0 ? [] : ['a read-only URL offers tools that write']),
      ...(await missingGraphs(import.meta.url, drawings)),
    ]
  } finally {
    await Promise.all([conn.close(), readOnly.close()])
  }
}
