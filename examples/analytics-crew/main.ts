/**
 * @module
 * Runs the analytics crew against a server and checks its work: figures against the systems' raw records, and everything
 * it received against everything personal that the systems hold. Exits non-zero when either is wrong.
 */
import { parseArgs } from 'node:util'
import { connect, listAll, RateGate } from '@quartermaster/client'
import { readyModel } from '@quartermaster/crew'
import { adminClient, roles } from '@quartermaster/toolsets'
import { analyticsCrew, leakScan, personalValues, received, verifyPipeline } from 'quartermaster/demo'
import { environment } from '../environment.ts'
import { missingGraphs } from '../readme-graphs.ts'

const help = `Usage: npm run examples -- analytics-crew [--model provider:name] [--graph]

A pipeline review over two systems that never sees a person. --graph prints the graph as Mermaid text instead.
Run by hand it needs QUARTERMASTER_URL, QUARTERMASTER_ADMIN_TOKEN, QUARTERMASTER_ACCOUNTS ([{"id","system"}]) and
SANDBOX_URL: "npx quartermaster serve --sandbox" prints all four.`

const { values: flags } = parseArgs({
  options: { help: { type: 'boolean' }, graph: { type: 'boolean' }, model: { type: 'string' } },
})
const faults = flags.help ? [] : await review().catch((error: Error) => [error.message])
if (flags.help) console.log(help)
for (const fault of faults) console.error(`Wrong: ${fault}`)
process.exitCode = faults.length === 0 ? 0 : 1

async function review(): Promise<string[]> {
  const { url, token, tenant, accountOf, companyUrl } = environment(process.env)
  const model = flags.model === undefined ? {} : { model: await readyModel(flags.model) }
  const admin = adminClient({ baseUrl: url, token })
  const { token: agents } = await admin.runtimeToken({ tenant, name: 'analytics crew' })
  const open = async (role: keyof typeof roles, account: string) => {
    const issued = await roles[role].issue(admin, { account, expiresInS: 3600 })
    return { account, conn: await connect(issued.url, { token: agents }) }
  }
  const connected = await Promise.all([
    open('analytics', accountOf('hubspot')),
    open('analytics', accountOf('salesforce')),
    open('sales', accountOf('hubspot')),
  ])
  const [hubspot, salesforce, sales] = connected
  const gate = new RateGate()
  const seen = received()
  try {
    const access = {
      hubspot: { ...hubspot, conn: seen.watch(hubspot.conn) },
      salesforce: { ...salesforce, conn: seen.watch(salesforce.conn) },
    }
    const graph = analyticsCrew({ ...access, gate, ...model })
    const drawing = (await graph.getGraphAsync()).drawMermaid()
    if (flags.graph) {
      console.log(drawing)
      return []
    }
    // An agent is shown its tools before it works, so the lists count as received.
    await Promise.all([access.hubspot.conn.listTools(), access.salesforce.conn.listTools()])
    const question = { question: 'How does our pipeline stand?' }
    const { figures = [], report } = await graph.invoke(question, { callbacks: [seen.models] })
    console.log(report)

    const check = await verifyPipeline(companyUrl, figures)
    const personal = await personalValues(companyUrl)
    const leaks = leakScan(seen.texts, personal)
    const full = await listAll(
      sales.conn,
      'search_hub_spot_contacts',
      { limit: '100' },
      { account: sales.account, gate, maxPages: 1 },
    )
    const found = leakScan([JSON.stringify(full.items)], personal).length
    console.log(`${check.deals} deals counted; ${leaks.length} personal values received, ${found} in a sales answer`)
    // The model may word it as it likes, but the sums are the ones that were counted; some write 1,200 and some 1200.
    const digits = report?.replaceAll(/(?<=\d)[,.\s](?=\d{3})/g, '') ?? ''
    const told = figures.filter(({ amount }) => digits.includes(amount.toFixed(0)))
    return [
      ...check.faults,
      ...(told.length > 0 ? [] : ['the report has none of the sums']),
      ...leaks.map(({ kind }) => `the analytics role received one of the ${kind} of the systems`),
      ...(found < 100 ? [`the search is blind: it found only ${found} personal values in 100 full contacts`] : []),
      ...(seen.texts.some((text) => text.includes(question.question)) ? [] : ['the watch on the model is blind']),
      ...(await missingGraphs(import.meta.url, [drawing])),
    ]
  } finally {
    await Promise.all(connected.map(({ conn }) => conn.close()))
  }
}
