/** @module A system whose connector does not load is refused in words, and takes no other system with it. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { catalogFolder, openCatalog } from '@quartermaster/connectors'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { issueApiToken } from './admin/issue-api-token.ts'
import { newKey, parseKeyRing } from './keys/key-ring.ts'
import { createQuartermaster } from './server.ts'
import { openStore } from './store/open.ts'

test('a system whose connector is broken answers 503 and is in the log, and other systems work', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'quartermaster-catalog-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  cpSync(catalogFolder, folder, { recursive: true })
  writeFileSync(join(folder, 'hubspot', 'connector.yaml'), 'format: 1\nid: hubspot')
  const lines: string[] = []
  const store = await openStore()
  const server = await createQuartermaster({
    store,
    ring: parseKeyRing(newKey(1)),
    catalog: openCatalog(folder),
    app: () => ({ clientId: 'id', clientSecret: 'secret' }),
    publicUrl: () => 'http://127.0.0.1:4700',
    log: pino({ level: 'error' }, { write: (line: string) => void lines.push(line) }),
    background: false,
  })
  onTestFinished(() => server.close())
  const { secret } = await issueApiToken(store.apiTokens, { tenant: undefined, name: 'test', scopes: ['admin'] }, 1)
  const connect = (system: string) =>
    server.fetch(
      new Request('http://127.0.0.1:4700/connect-session', {
        method: 'POST',
        headers: { host: '127.0.0.1:4700', 'content-type': 'application/json', authorization: `Bearer ${secret}` },
        body: JSON.stringify({ tenant: 'acme', system }),
      }),
    )

  const refused = await connect('hubspot')
  expect(refused.status).toBe(503)
  expect(await refused.json()).toMatchObject({
    detail:
      'The connector of hubspot does not load on this server. Other systems work. Give the request id to the operator.',
  })
  expect(lines.join('')).toContain('Cannot load connector \\"hubspot\\"')
  expect((await connect('salesforce')).status).toBe(201)
  const unknown = await connect('another')
  expect([unknown.status, await unknown.json()]).toMatchObject([
    400,
    { detail: 'There is no such system. Known are: hubspot, salesforce.' },
  ])
})
