/**
 * @module
 * What each key of the ring is needed for, and replacing seals of older keys while everything goes on.
 */
import { resealAuditKeys } from '../audit/tenant-keys.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import { keyOf } from '../keys/seal.ts'
import { openSecret, sealSecret } from '../notify/webhook-secret.ts'
import { CURSOR_LIFETIME_MS } from '../pipeline/sealed-cursors.ts'
import { resealPseudonymKeys } from '../policy/pseudonym-keys.ts'
import type { Store } from '../store/open.ts'
import { openGrant, sealGrant } from '../vault/grant.ts'
import { resealCheck } from './check-ring.ts'

export interface RingStatus {
  /** The key that seals. */
  readonly current: number
  readonly keys: readonly { readonly kid: number; readonly inRing: boolean; readonly rows: number }[]
  /** Rows that no key of the ring opens. */
  readonly unreadable: number
  /** Accounts that were set aside because their grant did not open. */
  readonly quarantined: number
}

export interface Resealed {
  readonly resealed: number
  /** Rows that did not open, left as they are. */
  readonly unreadable: number
}

type RotationStore = Pick<Store, 'reseal' | 'meta' | 'audit' | 'idempotencyKeys' | 'approvals'>

const BATCH = 100
/** Running processes notice a changed key file in seconds; this is long enough for every one. */
const PICKED_UP_MS = 60_000

/** Opens every row, so its time grows with their number: about 10 µs each. */
export async function ringStatus(store: RotationStore, ring: KeyRing): Promise<RingStatus> {
  const counts = await store.reseal.countByKey()
  const kids = [...new Set([...ring.kids(), ...counts.keys()])]
  let unreadable = 0
  for await (const row of allGrants(store)) if (!opens(ring, row)) unreadable += 1
  return {
    current: currentKey(ring),
    keys: kids.map((kid) => ({ kid, inRing: ring.kids().includes(kid), rows: counts.get(kid) ?? 0 })),
    unreadable,
    quarantined: (await store.reseal.quarantined()).length,
  }
}

/**
 * Seals with the current key whatever another one has sealed. Works in small batches, each row only if it is still as
 * it was read; may be stopped and started again at any time.
 * @param pause called between batches, so that others get their turn at the store
 */
export async function resealAll(store: RotationStore, ring: KeyRing, pause: () => Promise<void>): Promise<Resealed> {
  const current = currentKey(ring)
  let resealed = 0
  let unreadable = 0
  let after = ''
  for (;;) {
    const rows = await store.reseal.grants(after, BATCH, current)
    const last = rows.at(-1)
    if (!last) break
    after = last.accountId
    const replacements = rows.flatMap((was) => {
      const owner = { tenant: was.tenant, accountId: was.accountId }
      const grant = openGrant(ring, owner, was)
      return grant ? [{ was, ...sealGrant(ring, owner, was.ver, grant) }] : []
    })
    unreadable += rows.length - replacements.length
    resealed += await store.reseal.replaceGrants(replacements)
    await pause()
  }
  for (const was of await store.reseal.endpoints(current)) {
    const secret = openSecret(ring, was, was.sealed)
    if (secret === undefined) unreadable += 1
    else {
      const { kid, sealed } = sealSecret(ring, was, secret)
      await store.reseal.replaceEndpoint(was, kid, sealed)
      resealed += 1
    }
  }
  const audit = await resealAuditKeys(store.audit, ring)
  const pseudonyms = await resealPseudonymKeys(ring, store.meta)
  await resealCheck(ring, store.meta)
  return {
    resealed: resealed + audit.resealed + pseudonyms.resealed,
    unreadable: unreadable + audit.unreadable + pseudonyms.unreadable,
  }
}

/** Notes since when a key has been the one that seals. The first note stands. */
export async function noteSealingKey(store: RotationStore, ring: KeyRing, now: number): Promise<void> {
  await store.meta.putIfAbsent(`sealing_since:${currentKey(ring)}`, String(now))
}

/** Why a key cannot be dropped yet; undefined when nothing needs it any more. */
export async function whyNeeded(
  store: RotationStore,
  ring: KeyRing,
  kid: number,
  now: number,
): Promise<string | undefined> {
  const current = currentKey(ring)
  if (kid === current) return 'it is the key that seals. Add another one first'
  const rows = (await store.reseal.countByKey()).get(kid) ?? 0
  if (rows > 0) return `${rows} rows are sealed with it. Run "keys rotate" first`
  // They last minutes, so they are waited for and not sealed anew.
  const ends = (await store.reseal.steps(now)).filter(({ sealed }) => keyOf(sealed) === kid).map(({ until }) => until)
  if (ends.length > 0) {
    return `${ends.length} people who are connecting need it until ${new Date(Math.max(...ends)).toISOString()}`
  }
  const since = Number(await store.meta.get(`sealing_since:${current}`))
  const cursorsEndAt = since + PICKED_UP_MS + CURSOR_LIFETIME_MS
  if (!(since > 0)) return `it is not known since when key ${current} seals. Start a server with this ring once`
  const writesEndAt = Math.max(
    (await store.idempotencyKeys.neededUntil(kid, now)) ?? 0,
    (await store.approvals.neededUntil(kid, now)) ?? 0,
  )
  if (now < writesEndAt) return `writes that may come again need it until ${new Date(writesEndAt).toISOString()}`
  if (now < cursorsEndAt) return `cursors that it has sealed are good until ${new Date(cursorsEndAt).toISOString()}`
  return undefined
}

/** Accounts whose grant opens again, because its key is back, are put to use again. Returns how many. */
export async function reviewQuarantine(store: Pick<Store, 'reseal' | 'accounts'>, ring: KeyRing): Promise<number> {
  let released = 0
  for (const { accountId, ver } of await store.reseal.quarantined()) {
    const [account, row] = await Promise.all([store.accounts.find(accountId), store.accounts.grant(accountId)])
    if (!account || !row || row.ver !== ver || !openGrant(ring, { tenant: account.tenant, accountId }, row)) continue
    if (await store.accounts.setStatus(accountId, ver, 'active', undefined)) released += 1
  }
  return released
}

function currentKey(ring: KeyRing): number {
  return ring.sealing('ring-check').kid
}

async function* allGrants(store: RotationStore) {
  let after = ''
  for (;;) {
    const rows = await store.reseal.grants(after, BATCH)
    yield* rows
    const last = rows.at(-1)
    if (!last) return
    after = last.accountId
  }
}

function opens(ring: KeyRing, row: Parameters<typeof openGrant>[2] & { tenant: string; accountId: string }): boolean {
  return openGrant(ring, row, row) !== undefined
}
