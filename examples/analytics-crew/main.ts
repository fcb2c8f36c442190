/**
 * @module
 * Runs the analytics crew against a server and checks its work: figures against the systems' raw records, and everything
 * it received against everything personal that the systems hold. Exits non-zero when either is wrong.
 */
import { parseArgs } from 'node:util'
import { connect, listAll, RateGate } from '@quartermaster/client'
import { adminClient, roles } from '@quartermaster/toolsets'
import { analyticsCrew, leakScan, personalValues, received, verifyPipeline } from './analytics-crew.ts'
import { environment } from './environment.ts'

const { values: flags } = parseArgs({
  options: { help: { type: 'boolean' }, graph: { type: 'boolean' }, model: { type: 'string' } },
})
if (flags.help) {
  console.log(`Usage: node --conditions=quartermaster-source main.ts [--model provider:name] [--graph]

Needs QUARTERMASTER_URL, QUARTERMASTER_ADMIN_TOKEN, QUARTERMASTER_ACCOUNTS ([{"id","system"}]) and SANDBOX_URL:
"quartermaster serve --sandbox" prints all four. --graph prints the graph as Mermaid text.`)
  process.exit()
}

const { url, token, accounts, companyUrl } = environment(process.env)
const admin = adminClient({ baseUrl: url, token })
const open = async (role: keyof typeof roles, system: 'hubspot' | 'salesforce') => {
  const account = accounts[system]
  return { account, conn: await connect((await roles[role].issue(admin, { account })).url, { token }) }
}
const gate = new RateGate()
const seen = received()
const [hubspot, salesforce, sales] = await Promise.all([
  open('analytics', 'hubspot'),
  open('analytics', 'salesforce'),
  open('sales', 'hubspot'),
])
const watched = [hubspot, salesforce].map(({ conn }) => seen.watch(conn))
const faults: string[] = []
try {
  const graph = analyticsCrew({
    hubspot: { ...hubspot, conn: seen.watch(hubspot.conn) },
    salesforce: { ...salesforce, conn: seen.watch(salesforce.conn) },
    gate,
    ...(flags.model === undefined ? {} : { model: flags.model }),
  })
  if (flags.graph) {
    console.log((await graph.getGraphAsync()).drawMermaid())
  } else {
    for (const conn of watched) await conn.listTools()
    const { figures = [], report } = await graph.invoke(
      { question: 'How does our pipeline stand?' },
      { callbacks: [seen.models] },
    )
    console.log(report)

    const check = await verifyPipeline(companyUrl, figures)
    faults.push(...check.faults)
    const personal = await personalValues(companyUrl)
    const leaks = leakScan(seen.texts, personal)
    faults.push(...leaks.map(({ kind }) => `the analytics role received one of the ${kind} of a person`))
    const control = await listAll(
      sales.conn,
      'list_all_hub_spot_contacts',
      { limit: '100' },
      { ...sales, gate, maxPages: 1 },
    )
    const found = leakScan([JSON.stringify(control.items)], personal).length
    if (found < 100) faults.push(`the search itself is blind: it found only ${found} personal values in 100 contacts`)
    console.log(`${check.deals} deals counted; ${leaks.length} personal values received, ${found} in a sales answer`)
  }
} finally {
  await Promise.all([hubspot, salesforce, sales].map(({ conn }) => conn.close()))
}
for (const fault of faults) console.error(`Wrong: ${fault}`)
process.exitCode = faults.length === 0 ? 0 : 1
