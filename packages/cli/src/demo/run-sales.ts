/**
 * @module
 * The sales chapter: eight deals worked on at the same time, while the quota runs out and the access tokens expire.
 */
import type { RateGate } from '@quartermaster/client'
import { Outcome, salesCrew, salesSnapshot, Target, verifySales } from '@quartermaster/example-sales-crew'
import { z } from 'zod'
import { follow } from './follow.ts'
import type { Demo, Seat } from './open-demo.ts'
import { sharedWaits } from './shared-wait.ts'
import type { Story } from './story.ts'

export interface SalesOptions {
  readonly demo: Demo
  readonly story: Story
  readonly gate: RateGate
  readonly seat: Seat
  readonly model: string | undefined
  readonly signal: AbortSignal
}

const finished = z.object({ targets: z.array(Target), outcomes: z.array(Outcome), memo: z.string() })
const DEALS = 8
const WINDOW = 'ten_secondly'
const SMALL_LIMIT = 15
/** All branches may ask at once, so that the quota, and not this bound, is what stops them. */
const TOGETHER = 2 * DEALS

/** @throws Error when a write is missing or there twice. */
export async function runSales({ demo, story, gate, seat, model, signal }: SalesOptions): Promise<{ pages: number }> {
  const { account, control } = demo.hubspot
  const normal = control.windows()[WINDOW]
  if (!normal) throw new Error(`Cannot shrink the quota: there is no window named ${WINDOW}`)
  let pages = 0
  let refusedBefore = 0
  const graph = await salesCrew({
    conn: seat.conn,
    account,
    gate,
    policy: { maxConcurrent: TOGETHER },
    ...(model === undefined ? {} : { model }),
  })
  const wait = sharedWaits(gate, account, ({ waiting, untilMs, refused }) => {
    const until = new Date(untilMs).toISOString().slice(11, 19)
    story.line(
      `429 from HubSpot: ${refused} calls refused, the gate closes for all; ${waiting} calls wait together until ${until} UTC`,
    )
    control.setWindow(WINDOW, normal)
    control.expireAccessTokens()
    refusedBefore = control.counters().responses['401'] ?? 0
    story.line('meanwhile HubSpot gets its quota back, and every access token expires')
    story.countdown(untilMs)
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
          story.line(`HubSpot    page ${event.pages}: ${event.items} deals`)
          return
        }
        control.setWindow(WINDOW, { limit: SMALL_LIMIT })
        story.line(
          `${event.deals} largest open deals, one branch each; HubSpot's quota is cut from ${normal.limit} to ${SMALL_LIMIT} calls in ten seconds`,
        )
      },
      onCall(event) {
        wait(event)
        const wrote = event.type === 'tool_result' && event.ok && /^(create|update)_/.test(event.tool)
        if (wrote) story.line(`wrote      ${event.tool}${event.attempts > 1 ? ` (attempt ${event.attempts})` : ''}`)
      },
    },
  ).finally(() => control.setWindow(WINDOW, normal))
  const { targets, outcomes, memo } = finished.parse(state)
  story.block(`\n${memo}\n`)

  const check = verifySales(before, await salesSnapshot(demo.companyUrl), { targets, outcomes })
  if (check.faults.length > 0) throw new Error(`Cannot trust the writes: ${check.faults.join('; ')}`)
  const counters = control.counters()
  const expired = (counters.responses['401'] ?? 0) - refusedBefore
  const refreshes = counters.tokenCalls['refresh_token'] ?? 0
  story.fact(
    `${check.deals} next steps and ${check.contacts} contacts in HubSpot's raw records, each written exactly once`,
  )
  story.fact(`${counters.rateLimited} calls met a 429; nothing was lost and no branch asked again before its time`)
  if (refreshes !== 1) throw new Error(`Cannot keep the promise: there were ${refreshes} refreshes for one expiry`)
  story.fact(`${expired} calls came back with an expired token; ${refreshes} refresh served them all`)
  return { pages }
}
