/**
 * @module
 * Connect sessions. Each step of one is a single conditional update, so that of any number of requests that try the
 * same step, in any number of processes, one succeeds.
 */
import type { Kysely, Selectable } from 'kysely'
import type { ConnectSession } from '../entities/connect-session.ts'
import type { ConnectSessionTable, Tables } from './schema.ts'

/** What begins when the person presses the button: a state that works once, for one browser. */
export interface ConnectBegin {
  readonly cookieHash: string
  readonly stateHash: string
  readonly sealed: string
  /** Epoch milliseconds. */
  readonly until: number
}

export interface ConnectSessionStore {
  /** Stores a new session, and forgets those that ended a day ago and what waited too long for an answer. */
  insert(session: ConnectSession, tokenHash: string, now: number): Promise<void>
  find(id: string): Promise<ConnectSession | undefined>
  findByToken(tokenHash: string): Promise<ConnectSession | undefined>
  /** Binds the session to the browser, or begins again in the bound one. An earlier state stops to work. */
  begin(id: string, begin: ConnectBegin, now: number): Promise<boolean>
  /** Uses up a state: the session it belongs to, for the first caller who has the right cookie at the right system. */
  takeState(
    state: { readonly stateHash: string; readonly system: string; readonly cookieHash: string },
    now: number,
  ): Promise<ConnectSession | undefined>
  /** Puts a grant up for review. */
  review(id: string, sealed: string, until: number): Promise<boolean>
  /** Nothing came of it: the bound browser may begin again while the link lasts. */
  fail(id: string, reason: string): Promise<void>
  /** Takes the grant under review, once. */
  takeReview(id: string, cookieHash: string, now: number): Promise<ConnectSession | undefined>
  finish(id: string, status: 'connected' | 'cancelled', accountId: string | undefined): Promise<void>
}

const DAY_MS = 86_400_000

export function connectSessionStore(db: Kysely<Tables>): ConnectSessionStore {
  const all = () => db.selectFrom('connect_session').selectAll()
  return {
    async insert(session, tokenHash, now) {
      // A grant that was not confirmed in time is not kept, sealed or not.
      await db
        .updateTable('connect_session')
        .set({ sealed: null, state_hash: null })
        .where('sealed', 'is not', null)
        .where('step_until', '<=', now)
        .execute()
      await db
        .deleteFrom('connect_session')
        .where('expires_at', '<', now - DAY_MS)
        .execute()
      await db
        .insertInto('connect_session')
        .values({
          id: session.id,
          tenant: session.tenant,
          system: session.system,
          account_id: session.accountId ?? null,
          label: session.label ?? null,
          scopes: JSON.stringify(session.scopes),
          return_url: session.returnUrl ?? null,
          token_hash: tokenHash,
          status: 'open',
          reason: null,
          cookie_hash: null,
          state_hash: null,
          sealed: null,
          step_until: 0,
          created_at: session.createdAt,
          expires_at: session.expiresAt,
        })
        .execute()
    },

    async find(id) {
      const row = await all().where('id', '=', id).executeTakeFirst()
      return row && toSession(row)
    },

    async findByToken(tokenHash) {
      const row = await all().where('token_hash', '=', tokenHash).executeTakeFirst()
      return row && toSession(row)
    },

    async begin(id, { cookieHash, stateHash, sealed, until }, now) {
      const result = await db
        .updateTable('connect_session')
        .set({
          status: 'bound',
          reason: null,
          cookie_hash: cookieHash,
          state_hash: stateHash,
          sealed,
          step_until: until,
        })
        .where('id', '=', id)
        .where('expires_at', '>', now)
        .where((eb) =>
          eb.or([
            eb('status', '=', 'open'),
            // A person who went back from the review begins again as well; the grant that waited is dropped.
            eb.and([eb('status', 'in', ['bound', 'review']), eb('cookie_hash', '=', cookieHash)]),
          ]),
        )
        .executeTakeFirst()
      return result.numUpdatedRows === 1n
    },

    async takeState({ stateHash, system, cookieHash }, now) {
      const seen = await all().where('state_hash', '=', stateHash).executeTakeFirst()
      const result = await db
        .updateTable('connect_session')
        .set({ status: 'exchanging', state_hash: null, sealed: null })
        .where('state_hash', '=', stateHash)
        .where('system', '=', system)
        .where('cookie_hash', '=', cookieHash)
        .where('status', '=', 'bound')
        .where('step_until', '>', now)
        .executeTakeFirst()
      return seen && result.numUpdatedRows === 1n ? toSession(seen) : undefined
    },

    async review(id, sealed, until) {
      const result = await db
        .updateTable('connect_session')
        .set({ status: 'review', sealed, step_until: until })
        .where('id', '=', id)
        .where('status', '=', 'exchanging')
        .executeTakeFirst()
      return result.numUpdatedRows === 1n
    },

    async fail(id, reason) {
      await db
        .updateTable('connect_session')
        .set({ status: 'bound', reason, state_hash: null, sealed: null })
        .where('id', '=', id)
        .where('status', 'in', ['exchanging', 'storing'])
        .execute()
    },

    async takeReview(id, cookieHash, now) {
      const seen = await all().where('id', '=', id).executeTakeFirst()
      const result = await db
        .updateTable('connect_session')
        .set({ status: 'storing', sealed: null })
        .where('id', '=', id)
        .where('cookie_hash', '=', cookieHash)
        .where('status', '=', 'review')
        .where('sealed', '=', seen?.sealed ?? '')
        .where('step_until', '>', now)
        .executeTakeFirst()
      return seen && result.numUpdatedRows === 1n ? toSession(seen) : undefined
    },

    async finish(id, status, accountId) {
      await db
        .updateTable('connect_session')
        .set({ status, reason: null, ...(accountId === undefined ? {} : { account_id: accountId }) })
        .where('id', '=', id)
        .where('status', '=', 'storing')
        .execute()
    },
  }
}

function toSession(row: Selectable<ConnectSessionTable>): ConnectSession {
  return {
    id: row.id,
    tenant: row.tenant,
    system: row.system,
    accountId: row.account_id ?? undefined,
    label: row.label ?? undefined,
    scopes: JSON.parse(row.scopes) as string[],
    returnUrl: row.return_url ?? undefined,
    status: row.status,
    reason: row.reason ?? undefined,
    cookieHash: row.cookie_hash ?? undefined,
    sealed: row.sealed ?? undefined,
    stepUntil: row.step_until,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  }
}
