/**
 * @module
 * A testbed with its own clock, the faked vendors for the tenant `acme`, and for the tenant `globex` an authority that
 * answers whatever a test tells it. All of it talks HTTP.
 */
import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Connector, loadCatalog } from '@quartermaster/connectors'
import type { VendorControl } from '@quartermaster/sandbox'
import type { Store } from '@quartermaster/server'
import { openTestbed } from '@quartermaster/testing/testbed'
import { sandboxApp } from 'quartermaster'
import { type Answer, type Browser, formTokenOf, openBrowser } from './browser.ts'

/** What the authority of `globex` has been asked, and what it will answer. */
export interface Hostile {
  readonly url: string
  readonly asked: { readonly path: string; readonly form: URLSearchParams }[]
  answer(
    path: string,
    form: URLSearchParams,
  ): { readonly status?: number; readonly type?: string; readonly body: string }
}

export interface Made {
  readonly id: string
  readonly url: string
  readonly scopes: readonly string[]
}

export interface ConnectTestbed {
  readonly url: string
  readonly adminToken: string
  readonly store: Store
  readonly clock: { at: number; now(): number; sleep(ms: number): Promise<void> }
  readonly hostile: Hostile
  readonly sandboxUrl: string
  /** Signs assertions of the client `signing-client`. */
  readonly privateKey: string
  readonly logs: readonly string[]
  control(system: string): VendorControl
  api(method: string, path: string, body?: unknown, token?: string): Promise<{ status: number; body: never }>
  browser(): Browser
  session(system: string, more?: Readonly<Record<string, unknown>>): Promise<Made>
  /** Opens the link and presses the button. */
  begin(browser: Browser, url: string): Promise<Answer>
  /** Everything that is kept of accounts, byte for byte. */
  kept(): { readonly accounts: number; readonly secrets: number; readonly text: string }
  close(): Promise<void>
}

export const RETURN_ORIGIN = 'https://app.acme.example'

export interface ConnectTestbedOptions {
  /** Bends the connectors of the catalog. */
  readonly change?: (connector: Connector) => Connector
  /** Stands beside the catalog, with its authority at this base URL. */
  readonly another?: { readonly connector: Connector; readonly base: () => string }
}

export async function openConnectTestbed(options: ConnectTestbedOptions = {}): Promise<ConnectTestbed> {
  const { change = (same) => same, another } = options
  const clock = {
    at: Date.UTC(2026, 10, 22, 9),
    now: () => clock.at,
    async sleep(ms: number) {
      clock.at += ms
    },
  }
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const hostile = await openHostile()
  const catalog = new Map([...loadCatalog()].map(([id, connector]) => [id, change(connector)]))
  if (another) catalog.set(another.connector.id, another.connector)
  const testbed = await openTestbed({
    tenants: ['acme'],
    connected: [],
    onDisk: true,
    // What is stored changes by what a test does, and by nothing else.
    background: false,
    clock,
    catalog,
    clients: [
      sandboxApp,
      {
        clientId: 'signing-client',
        clientSecret: 'unused-secret',
        publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      },
    ],
    returnOrigins: (tenant) => (tenant === 'acme' ? [RETURN_ORIGIN, 'http://localhost:8080'] : []),
    vendorBase(tenant, system) {
      if (system === another?.connector.id) return another.base()
      return tenant === 'acme' ? undefined : `${hostile.url}/${tenant}/${system}`
    },
  })
  const { url, adminToken, store } = testbed.server
  const database = new DatabaseSync(join(testbed.dataDir ?? '', 'quartermaster.db'), { readOnly: true })
  const api: ConnectTestbed['api'] = async (...request) => (await testbed.admin(...request)) as never
  return {
    url,
    adminToken,
    store,
    clock,
    hostile,
    sandboxUrl: testbed.sandboxUrl,
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    logs: testbed.logs,
    control: testbed.control,
    api,
    browser: () => openBrowser(clock.now),
    async session(system, more = {}) {
      const { status, body } = await api('POST', '/connect-session', { tenant: 'acme', system, ...more })
      if (status !== 201) throw new Error(`Cannot make a session: ${status} ${JSON.stringify(body)}`)
      return body
    },
    async begin(browser, at) {
      const page = await browser.get(at)
      return page.status === 200 ? browser.post(at, { form_token: formTokenOf(page.text) }) : page
    },
    kept() {
      const rows = (table: string) => database.prepare(`select * from ${table} order by 1`).all()
      const [accounts, secrets, identities] = [rows('account'), rows('account_secret'), rows('account_identity')]
      return {
        accounts: accounts.length,
        secrets: secrets.length,
        text: JSON.stringify([accounts, secrets.map((row) => Object.values(row).map(String)), identities]),
      }
    },
    async close() {
      database.close()
      await testbed.close()
      await hostile.close()
    },
  }
}

async function openHostile(): Promise<Hostile & { close(): Promise<void> }> {
  const hostile = {
    url: '',
    asked: [] as { path: string; form: URLSearchParams }[],
    answer: (_path: string, _form: URLSearchParams): ReturnType<Hostile['answer']> => ({ status: 500, body: '' }),
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const form = new URLSearchParams(Buffer.concat(chunks).toString('utf8'))
      const path = incoming.url ?? ''
      hostile.asked.push({ path, form })
      const { status = 200, type = 'application/json', body } = hostile.answer(path, form)
      outgoing.writeHead(status, { 'content-type': type, connection: 'close' }).end(body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  hostile.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return hostile
}
