/**
 * @module
 * The analytics chapter: a pipeline review over both systems, checked against their raw records, and a search for
 * personal data in everything the crew received.
 */
import type { RateGate } from '@quartermaster/client'
import { z } from 'zod'
import { analyticsCrew } from './analytics-crew/analytics-crew.ts'
import { leakScan } from './analytics-crew/leak-scan.ts'
import { personalValues } from './analytics-crew/personal-values.ts'
import { Figure, figuresTable } from './analytics-crew/pipeline-figures.ts'
import { received } from './analytics-crew/received.ts'
import { verifyPipeline } from './analytics-crew/verify-pipeline.ts'
import type { DemoOutput } from './demo-output.ts'
import { follow } from './follow.ts'
import type { Demo, RoleConnection } from './open-demo.ts'

export interface AnalyticsOptions {
  readonly demo: Demo
  readonly output: DemoOutput
  readonly gate: RateGate
  readonly hubspot: RoleConnection
  readonly salesforce: RoleConnection
  /** A connection that may see personal data: the search must find plenty in what it gets. */
  readonly sales: RoleConnection
  readonly model: string | undefined
  readonly signal: AbortSignal
}

const finished = z.object({ figures: z.array(Figure), report: z.string() })
const names: Readonly<Record<string, string>> = { hubspot: 'HubSpot', salesforce: 'Salesforce' }

/** @throws Error when a figure is wrong, something leaked, or the search for leaks is blind. */
export async function runAnalytics(options: AnalyticsOptions): Promise<{ pages: number; leaks: number }> {
  const { demo, output, gate, hubspot, salesforce, sales, model, signal } = options
  const seen = received()
  let pages = 0
  const access = ({ conn, account }: RoleConnection) => ({ conn: seen.watch(conn), account })
  const [first, second] = [access(hubspot), access(salesforce)]
  const graph = analyticsCrew({ hubspot: first, salesforce: second, gate, ...(model === undefined ? {} : { model }) })
  // An agent is shown its tools before it works, so the list counts as received.
  await Promise.all([first.conn.listTools(), second.conn.listTools()])
  const state = await follow(
    graph,
    { question: 'How does our pipeline stand?' },
    { signal, callbacks: [seen.models] },
    {
      onProgress(event) {
        if (event.type !== 'page') return
        pages += 1
        output.line(`${(names[event.into] ?? event.into).padEnd(10)} page ${event.pages}: ${event.items} deals`)
      },
    },
  )
  const { figures, report } = finished.parse(state)
  output.block(`\n${figuresTable(figures)}\n\n${report}\n`)
  output.line('(the sandbox gives both systems the same company, so the figures agree)')

  const { deals, faults } = await verifyPipeline(demo.companyUrl, figures)
  if (faults.length > 0) throw new Error(`Cannot trust the review: ${faults.join('; ')}`)
  output.fact(`counts and sums of ${deals} deals equal the raw records of both systems`)

  const personal = await personalValues(demo.companyUrl)
  const known = Object.values(personal).flat().length
  const leaks = leakScan(seen.texts, personal)
  const contacts = await sales.conn.callTool({ name: 'search_hub_spot_contacts', arguments: { limit: '100' } })
  const control = leakScan([JSON.stringify(contacts)], personal)
  const kilobytes = Math.round(seen.texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) / 1024)
  if (control.length < 100) {
    throw new Error(`Cannot trust the search for leaks: it found ${control.length} values in 100 full contacts`)
  }
  if (leaks.length > 0) {
    throw new Error(
      `Cannot keep the promise: ${leaks.length} personal values reached the analytics role (${leaks[0]?.kind})`,
    )
  }
  output.fact(
    `${leaks.length} of ${known.toLocaleString('en-US')} personal values in the ${kilobytes} KB that this crew and its model received`,
  )
  output.line(`  (the same search finds ${control.length} in one page of contacts as the sales role gets it)`)
  return { pages, leaks: leaks.length }
}
