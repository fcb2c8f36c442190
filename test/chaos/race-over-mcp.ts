/**
 * @module
 * The race through whole servers: four of them on one store, each with many clients that call a tool over HTTP at the
 * moment of expiry, against an authority that kills a grant whose refresh token comes twice.
 */
import { admin, callTool } from '@quartermaster/testing/testbed'
import { LIFETIME_MS, openChaosTestbed } from './chaos-testbed.ts'
import type { RaceResult } from './race.ts'
import type { Setting } from './setting.ts'

const SERVERS = 4
const CALLERS = 50

export async function raceOverMcp(
  rounds: number,
  { store, step }: Setting,
  naive = false,
): Promise<RaceResult & { readonly refused: Readonly<Record<string, number>> }> {
  const testbed = await openChaosTestbed('hubspot', store)
  try {
    const servers = await Promise.all(
      Array.from({ length: SERVERS }, () => testbed.server({ naive, background: !naive })),
    )
    const [first] = servers
    if (!first) throw new Error('Cannot race: there is no server')
    const issue = async () => {
      const account = await testbed.connect()
      // A round is a day, and a URL works for 90 unless told otherwise.
      const order = { name: 'chaos', config: { expires_in_s: 31_536_000 } }
      const { status, body } = await admin(first, 'POST', `/integrated-account/${account}/mcp`, order)
      if (status !== 201) throw new Error(`Cannot issue a URL: ${status}`)
      return { account, url: String(body['token']) }
    }
    let at = await issue()
    const control = testbed.authority.control('hubspot')
    control.resetCounters()
    const refused: Record<string, number> = {}
    let [calls, failed, lost] = [0, 0, 0]
    for (let round = 1; round <= rounds; round++) {
      await Promise.all(servers.map((server) => server.tell({ offset: round * LIFETIME_MS })))
      const answers = await Promise.all(
        servers.flatMap((server) =>
          Array.from({ length: CALLERS }, () =>
            callTool(server, at.url, 'list_all_hub_spot_contacts').catch((error: unknown) => ({ value: { error } })),
          ),
        ),
      )
      for (const { value } of answers) {
        calls += 1
        if ((value as { result_count?: unknown }).result_count === 1) continue
        failed += 1
        const why = (value as { error?: { code?: unknown } }).error?.code
        refused[String(why)] = (refused[String(why)] ?? 0) + 1
      }
      const row = await testbed.store.accounts.find(at.account)
      if (row?.status !== 'active') {
        lost += 1
        await testbed.store.accounts.disconnect(at.account, Date.now())
        at = await issue()
      }
      step(round, rounds)
    }
    const refreshes = control.counters().tokenCalls['refresh_token'] ?? 0
    return { rounds, refreshes, calls, failed_calls: failed, lost, refused }
  } finally {
    await testbed.close()
  }
}
