import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import type { AuditEntry } from '../entities/audit-entry.ts'
import { newKey, parseKeyRing } from '../keys/key-ring.ts'
import { openStore } from '../store/open.ts'
import { auditChain, BROKEN } from './chain.ts'
import { auditKeys } from './tenant-keys.ts'

const entry = (requestId: string, tenant = 'acme'): AuditEntry => ({
  at: 1,
  requestId,
  tenant,
  accountId: 'acc_1',
  serverId: 'mcp_1',
  tool: 'list_all_things',
  phase: 'outcome',
  outcome: 'ok',
  ms: 1,
  records: 1,
})

/** A server with a chain of three rows in one tenant, which nobody else was at so far, and a way behind its back. */
async function running() {
  const dir = mkdtempSync(join(tmpdir(), 'qm-chain-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  const store = await openStore(dir)
  onTestFinished(() => store.close())
  const raw = new DatabaseSync(join(dir, 'quartermaster.db'))
  onTestFinished(() => raw.close())
  const ring = parseKeyRing(newKey(1))
  const broken: string[] = []
  const chainNow = () =>
    auditChain({
      store: store.audit,
      keys: auditKeys(store.audit, ring),
      now: () => 1,
      onBroken: (tenant, how) => broken.push(`${tenant} ${how}`),
    })
  const chain = chainNow()
  for (const id of ['a', 'b', 'c']) await chain.write([entry(id)])
  /** What stands in the chain behind the three rows, oldest first. */
  const after = () =>
    raw
      .prepare('select tool, outcome from audit where tenant = ? order by seq')
      .all('acme')
      .slice(3)
      .map(({ tool, outcome }) => `${tool} ${outcome}`)
  return { store, raw, chain, chainNow, broken, after }
}

test.each(['seq = seq + 1', 'seq = seq - 1', "hash = hash || 'x'", 'at = at + 1', "mac = mac || 'x'"])(
  'a server writes audit.broken when the end that it has signed itself was changed: set %s',
  async (change) => {
    const { raw, chain, broken, after } = await running()
    raw.exec(`update audit_head set ${change} where tenant = 'acme'`)
    await chain.write([entry('d')])
    expect(broken).toEqual(['acme head_invalid'])
    expect(after()).toEqual([`${BROKEN} head_invalid`, 'list_all_things ok'])
  },
)

test('it writes audit.broken when the end is gone', async () => {
  const { raw, chain, broken } = await running()
  raw.exec("delete from audit_head where tenant = 'acme'")
  await chain.write([entry('d')])
  expect(broken).toEqual(['acme head_invalid'])
})

test('it writes audit.broken when the end is an earlier one, truly signed, and the rows behind it are gone', async () => {
  const { raw, chain, broken } = await running()
  raw.exec("create table kept as select * from audit_head where tenant = 'acme'")
  await chain.write([entry('d')])
  raw.exec("delete from audit where request_id = 'd'; insert or replace into audit_head select * from kept")
  await chain.write([entry('e')])
  expect(broken).toEqual(['acme rolled_back'])
})

test('it writes no such thing when another process went on with the chain, or a write of its own has failed', async () => {
  const { raw, chain, chainNow, broken, after } = await running()
  await chainNow().write([entry('d')])
  await chain.write([entry('e')])
  raw.exec("create trigger no before insert on audit_head begin select raise(abort, 'no'); end")
  await expect(chain.write([entry('f')])).rejects.toThrow(/no/)
  raw.exec('drop trigger no')
  await chain.write([entry('g')])
  expect(broken).toEqual([])
  expect(after()).toHaveLength(3)
})

test('entries of a tenant whose key is lost are left out, each with the reason; the others are durable', async () => {
  const { raw, chainNow, after } = await running()
  raw.exec("insert into audit_key (tenant, kid, sealed) values ('globex', 1, 'AAAA')")
  const [one, other] = [entry('x', 'globex'), entry('y', 'globex')]
  const lost = await chainNow().write([one, entry('d'), other])
  expect([...lost.keys()]).toEqual([one, other])
  expect([...lost.values()].map(({ name }) => name)).toEqual(['AuditKeyLost', 'AuditKeyLost'])
  expect(after()).toEqual(['list_all_things ok'])
})
