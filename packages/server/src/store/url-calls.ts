/**
 * @module
 * How many calls a URL has made today, for all processes: one row a URL with a daily budget, counted and compared in
 * one statement, so that two processes cannot both take the last call.
 */
import { type Kysely, sql } from 'kysely'
import type { AncestorLink, Tables } from './schema.ts'

export interface UrlCallStore {
  /**
   * Counts one more call of a URL, and of the URLs that it was derived from.
   * @param most What each may make on a day, the URL's own first, then nearest first; undefined is not counted.
   * @returns The budget that was used up, and then no ancestor of it is charged; undefined when the call may be made.
   */
  take(serverId: string, most: readonly (number | undefined)[], day: number): Promise<number | undefined>
}

export function urlCallStore(db: Kysely<Tables>): UrlCallStore {
  async function takeOne(id: string, most: number, day: number): Promise<boolean> {
    // A process whose clock is behind counts on the day that the others have begun.
    const { rows } = await sql<{ readonly calls: number }>`
      insert into url_calls (server_id, day, calls) values (${id}, ${day}, 1)
      on conflict (server_id) do update set
        day = case when url_calls.day < excluded.day then excluded.day else url_calls.day end,
        calls = case when url_calls.day < excluded.day then 1 else url_calls.calls + 1 end
      where url_calls.day < excluded.day or url_calls.calls < ${most}
      returning calls`.execute(db)
    const [row] = rows
    // URLs come and go; what they made on earlier days is of no use.
    if (row && Number(row.calls) === 1) {
      await db
        .deleteFrom('url_calls')
        .where('day', '<', day - 1)
        .execute()
    }
    return row !== undefined
  }

  async function ancestorsOf(id: string): Promise<readonly string[]> {
    const row = await db.selectFrom('mcp_server').select('line').where('id', '=', id).executeTakeFirst()
    return row?.line ? (JSON.parse(row.line) as readonly AncestorLink[]).map((link) => link.id) : []
  }

  return {
    async take(serverId, most, day) {
      const ancestorIds = most.slice(1).some((one) => one !== undefined) ? await ancestorsOf(serverId) : []
      for (const [index, id] of [serverId, ...ancestorIds].entries()) {
        const budget = most[index]
        if (budget !== undefined && !(await takeOne(id, budget, day))) return budget
      }
      return undefined
    },
  }
}
