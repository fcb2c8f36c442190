/**
 * @module
 * The sales chapter: eight deals worked on at the same time, while the quota runs out and the access tokens expire.
 */
import type { RateGate } from '@quartermaster/client'
import { z } from 'zod'
import type { DemoOutput } from './demo-output.ts'
import { follow } from './follow.ts'
import type { Demo, RoleConnection } from './open-demo.ts'
import { Outcome, Target } from './sales-crew/deal-desk.ts'
import { salesCrew } from './sales-crew/sales-crew.ts'
import { salesSnapshot, verifySales } from './sales-crew/verify-sales.ts'
import { sharedWaits } from './shared-wait.ts'

export interface SalesOptions {
  readonly demo: Demo
  readonly output: DemoOutput
  readonly gate: RateGate
  readonly connection: RoleConnection
  readonly model: string | undefined
  readonly signal: AbortSignal
}

const finished = z.object({ targets: z.array(Target), outcomes: z.array(Outcome), memo: z.string() })
const DEALS = 8
const WINDOW = 'ten_secondly'
const SMALL_LIMIT = 15
/** All branches may ask at once, so that the quota, and not this bound, is what stops them. */
const TOGETHER = 2 * DEALS

/** @throws Error when a write is missing or there twice, a refresh too many, or somebody did not wait. */
export async function runSales({
  demo,
  output,
  gate,
  connection,
  model,
  signal,
}: SalesOptions): Promise<{ pages: number }> {
  const { account, control } = demo.hubspot
  const normal = control.windows()[WINDOW]
  if (!normal) throw new Error(`Cannot shrink the quota: there is no window named ${WINDOW}`)
  const graph = await salesCrew({
    conn: connection.conn,
    account,
    gate,
    policy: { maxConcurrent: TOGETHER },
    ...(model === undefined ? {} : { model }),
  })
  const requests = () => Object.values(control.counters().requests).reduce((sum, number) => sum + number, 0)
  const expired = () => control.counters().responses['401'] ?? 0
  const refreshes = () => control.counters().tokenCalls['refresh_token'] ?? 0
  const atStart = { expired: expired(), refreshes: refreshes() }
  let pages = 0
  let written = 0
  let impatient = 0
  /** Refusals of the system that have been told. */
  let told = control.counters().rateLimited

  const wait = sharedWaits(gate, account, ({ waiting, untilMs, refused }) => {
    if (signal.aborted) return
    const byHubSpot = control.counters().rateLimited - told
    told += byHubSpot
    const speakers = [
      byHubSpot > 0 ? `HubSpot refused ${byHubSpot}` : '',
      refused > byHubSpot ? `the server's shared budget ${refused - byHubSpot} before HubSpot was asked` : '',
    ]
    output.line(`429: ${refused} calls come back (${speakers.filter((part) => part !== '').join(', ')}),`)
    output.line('    the gate closes for the whole account,')
    output.line(
      `    and ${waiting} calls wait together until ${clock(untilMs)}; then each adds its own fraction of a second`,
    )
    output.countdown(untilMs)
    const asked = requests()
    setTimeout(
      () => {
        impatient += requests() - asked
        control.setWindow(WINDOW, normal)
      },
      untilMs - Date.now() - 50,
    ).unref()
  })
  const before = await salesSnapshot(demo.companyUrl)
  const state = await follow(
    graph,
    { top: DEALS, round: Date.now().toString(36) },
    { signal },
    {
      onProgress(event) {
        if (event.type === 'page') {
          pages += 1
          output.line(`HubSpot    page ${event.pages}: ${event.items} deals`)
          return
        }
        output.line(`${event.deals} largest open deals: ${event.deals} branches start, two readers in each`)
        output.line(
          `    now every access token expires, and the quota shrinks from ${normal.limit} to ${SMALL_LIMIT} calls in ten seconds`,
        )
        control.expireAccessTokens()
        control.setWindow(WINDOW, { limit: SMALL_LIMIT })
        // A model that takes its time may never meet even the small quota: one refusal is certain.
        if (model !== undefined) control.arm({ kind: 'rate_limit', times: 1, retryAfterS: 3 })
      },
      onCall(event) {
        wait(event)
        if (event.type !== 'tool_result' || !event.ok || !/^(create|update)_/.test(event.tool)) return
        written += 1
        if (written % 4 === 0) output.line(`${written} of ${2 * DEALS} writes done`)
      },
    },
  ).finally(() => control.setWindow(WINDOW, normal))
  const { targets, outcomes, memo } = finished.parse(state)
  output.block(`\n${memo}\n`)

  const check = verifySales(before, await salesSnapshot(demo.companyUrl), { targets, outcomes })
  if (check.faults.length > 0) throw new Error(`Cannot trust the writes: ${check.faults.join('; ')}`)
  output.fact(
    `${check.deals} next steps and ${check.contacts} new contacts in HubSpot's records, each written exactly once`,
  )
  const refreshed = refreshes() - atStart.refreshes
  if (refreshed !== 1) throw new Error(`Cannot keep the promise: ${refreshed} refreshes for one expiry`)
  output.fact(`${expired() - atStart.expired} requests met an expired token; ${refreshed} refresh served them all`)
  if (impatient > 0) throw new Error(`Cannot keep the promise: ${impatient} requests were sent during the wait`)
  output.fact(`${control.counters().rateLimited} requests met the quota; during the wait HubSpot got 0 requests`)
  return { pages }
}

function clock(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(11, 19)} UTC`
}
