/**
 * @module
 * The demo from the first to the last chapter. Nothing in it is canned: every figure is counted while it runs, and a
 * promise that does not hold ends it with an error.
 */
import { RateGate } from '@quartermaster/client'
import { readyModel } from '@quartermaster/crew'
import type { DemoOutput } from './demo-output.ts'
import { type Demo, openDemo } from './open-demo.ts'
import { pickExamples } from './pick-examples.ts'
import { runAnalytics } from './run-analytics.ts'
import { runSales } from './run-sales.ts'
import { salesDesk } from './sales-crew/sales-desk.ts'
import { lastWrite } from './show-audit.ts'
import { type RoleCost, roleCosts, rolesTable } from './show-roles.ts'
import { viewsTable } from './show-views.ts'

export interface DemoOptions {
  readonly output: DemoOutput
  /** For `initChatModel`; a script plays the model when it is undefined. */
  readonly model: string | undefined
  readonly signal: AbortSignal
}

/** The last line of the demo. */
export interface DemoResult {
  readonly demo: 'ok'
  readonly roles: Readonly<Record<string, RoleCost>>
  /** Requests that reached the two systems, as they counted them. */
  readonly upstream_calls: number
  readonly rate_limited: number
  readonly refreshes: number
  readonly pages: number
  readonly pii_leaks: number
}

/** @throws Error saying which promise did not hold. */
export async function runDemo({ output, model, signal }: DemoOptions): Promise<DemoResult> {
  const startedAt = performance.now()
  // A missing key or package shows now, and not after half of the demo.
  if (model !== undefined) await readyModel(model, { signal })
  output.chapter(
    'Two systems, one server',
    'A sandbox plays HubSpot and Salesforce on this machine. The server signs in to both for a customer and keeps the tokens; agents never get them.',
  )
  const demo = await openDemo()
  try {
    output.fact(`HubSpot and Salesforce connected through OAuth; server at ${demo.server.url}`)
    output.line(
      model === undefined
        ? 'the model is SCRIPTED: fixed decisions instead of an LLM, no key needed; everything else is real (--model for a real one)'
        : `the model is ${model}`,
    )
    const result = await runChapters(demo, { output, model, signal })
    output.line(
      `\n   done in ${((performance.now() - startedAt) / 1000).toFixed(1)} s; now try: quartermaster serve --sandbox`,
    )
    return result
  } finally {
    await demo.close()
  }
}

async function runChapters(demo: Demo, { output, model, signal }: DemoOptions): Promise<DemoResult> {
  const gate = new RateGate()

  output.chapter(
    'One account, three roles',
    'Each role gets a URL of its own for the same HubSpot account. What a URL does not offer, an agent behind it cannot call; and fewer tools cost a model fewer tokens on every turn (counted with o200k).',
  )
  const [sales, support, analytics, salesforce] = await Promise.all([
    demo.connectRole('sales', 'hubspot'),
    demo.connectRole('support', 'hubspot'),
    demo.connectRole('analytics', 'hubspot'),
    demo.connectRole('analytics', 'salesforce'),
  ])
  const connections = [sales, support, analytics]
  output.block(rolesTable(connections))

  output.chapter(
    'The same records through three URLs',
    'The server removes what a role may not see before anything is sent. A prompt cannot talk it out of an agent that never had it.',
  )
  output.block(await viewsTable(connections, gate, pickExamples(demo.hubspot.control)))
  signal.throwIfAborted()

  output.chapter(
    'Analytics crew: a pipeline review over both systems',
    'Four branches of a LangGraph graph read page by page at the same time; code counts, the model writes.',
  )
  const review = await runAnalytics({ demo, output, gate, hubspot: analytics, salesforce, sales, model, signal })
  signal.throwIfAborted()

  output.chapter(
    'Sales crew: eight deals at the same time, and trouble',
    'Researcher and account executive work on each deal: read buyer and company, write the next step, enter a contact. Just as all branches start, their tokens expire and the quota runs out: there is one refresh, however many calls need it, and one wait that all branches share.',
  )
  const desk = await demo.connectRole('sales', 'hubspot', salesDesk)
  const selling = await runSales({ demo, output, gate, connection: desk, model, signal })

  output.chapter(
    'What the audit kept of the last write',
    'Every write leaves a line before it is sent and one after. The lines hold no arguments, no answers and no tokens.',
  )
  for (const line of await lastWrite(demo, desk)) output.line(line)

  const counters = [demo.hubspot.control.counters(), demo.salesforce.control.counters()]
  const total = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0)
  const result: DemoResult = {
    demo: 'ok',
    roles: roleCosts(connections),
    upstream_calls: total(counters.flatMap(({ requests }) => Object.values(requests))),
    rate_limited: total(counters.map(({ rateLimited }) => rateLimited)),
    refreshes: total(counters.map(({ tokenCalls }) => tokenCalls['refresh_token'] ?? 0)),
    pages: review.pages + selling.pages,
    pii_leaks: review.leaks,
  }
  if (result.rate_limited === 0) throw new Error('Cannot show a rate limit: no call was refused')
  return result
}
