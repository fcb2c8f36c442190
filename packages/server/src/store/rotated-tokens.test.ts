import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { openStore } from './open.ts'

test('a token is looked up over two indexes, without a scan', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'qm-plan-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  const store = await openStore(dir)
  onTestFinished(() => store.close())
  const database = new DatabaseSync(join(dir, 'quartermaster.db'), { readOnly: true })
  onTestFinished(() => database.close())
  const plan = (where: string) =>
    database
      .prepare(`explain query plan select * from mcp_server where ${where}`)
      .all()
      .map(({ detail }) => String(detail))
      .join('\n')
  const opens = "(token_hash = 'a' or (old_hash = 'a' and old_until > 1))"
  expect(plan(opens)).toMatch(/token_hash=\?[\s\S]*mcp_server_by_old_hash \(old_hash=\?\)/)
  expect(plan(opens)).not.toContain('SCAN')
  const openedByAny = "(token_hash in ('a', 'b') or old_hash in ('a', 'b'))"
  expect(plan(openedByAny)).toMatch(/token_hash=\?[\s\S]*mcp_server_by_old_hash \(old_hash=\?\)/)
  expect(plan(openedByAny)).not.toContain('SCAN')
  // The control: a plan with a scan says so.
  expect(plan("(token_hash = 'a' or name = 'a')")).toContain('SCAN')
})
