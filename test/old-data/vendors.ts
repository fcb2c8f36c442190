/**
 * @module
 * The faked vendors, and the webhook receiver of a tenant, at the time and under the names that a store knows them by.
 * Grants that a store holds are given again, token for token, so that they work as when they were stored.
 */
import { randomBytes } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createSandbox, type IssuedTokens, listen, type VendorControl } from '@quartermaster/sandbox'
import type { KnownGrant } from './facts.ts'

/** Names that no resolver knows (RFC 6761 §6.2); `move-clock-and-hosts.ts` leads them here. */
export const VENDORS = 'vendors.test'
export const HOOKS = 'hooks.test'

export interface Notification {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Vendors {
  /** Where the vendors listen on this machine. */
  readonly url: string
  /** From the names to ports. */
  readonly hosts: Readonly<Record<string, number>>
  readonly offsetMs: number
  readonly notifications: readonly Notification[]
  /** Resolves when the webhook receiver has been told so many things. */
  heard(count: number): Promise<void>
  /** As the server knows it. */
  baseOf(tenant: string, system: string): string
  control(tenant: string, system: string): VendorControl
  /** A new grant, without a browser. */
  grant(tenant: string, system: string, scope: string): { readonly known: KnownGrant; readonly tokens: IssuedTokens }
  /** The grant that was given last, for these scopes. */
  lastGrant(tenant: string, system: string, scope: string): KnownGrant
  /** Gives again, token for token, what was given before. */
  grantAgain(known: KnownGrant): void
  close(): Promise<void>
}

/** @param hookStatus what the webhook receiver answers. */
export async function openVendors(options: {
  readonly offsetMs: number
  readonly hookStatus: number
}): Promise<Vendors> {
  const { offsetMs, hookStatus } = options
  const minted: string[] = []
  const again: string[] = []
  const sandbox = createSandbox({
    tenants: ['acme', 'globex'],
    origin: `http://${VENDORS}`,
    now: () => Date.now() + offsetMs,
    randomHex(bytes) {
      const hex = again.shift() ?? randomBytes(bytes).toString('hex')
      minted.push(hex)
      return hex
    },
  })
  const listening = await listen(sandbox)
  const notifications: Notification[] = []
  const told = new EventEmitter()
  const hooks = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += String(chunk)
    })
    request.on('end', () => {
      notifications.push({ headers: request.headers, body })
      response.writeHead(hookStatus).end()
      told.emit('told')
    })
  })
  await new Promise<void>((resolve) => hooks.listen(0, '127.0.0.1', resolve))
  const lastGrant: Vendors['lastGrant'] = (tenant, system, scope) => {
    const [refresh = '', access = ''] = minted.slice(-2)
    return { tenant, system, scope, random: [refresh, access] }
  }
  return {
    url: listening.url,
    hosts: { [VENDORS]: Number(new URL(listening.url).port), [HOOKS]: (hooks.address() as AddressInfo).port },
    offsetMs,
    notifications,
    async heard(count) {
      while (notifications.length < count) await once(told, 'told')
    },
    baseOf: (tenant, system) => `http://${VENDORS}/${tenant}/${system}`,
    control: (tenant, system) => sandbox.control(tenant, system),
    grant(tenant, system, scope) {
      const tokens = sandbox.control(tenant, system).signIn({ scope })
      return { known: lastGrant(tenant, system, scope), tokens }
    },
    lastGrant,
    grantAgain({ tenant, system, scope, random }) {
      again.push(...random)
      sandbox.control(tenant, system).signIn({ scope })
      if (again.length > 0) throw new Error(`Cannot grant again at ${system}: it makes its tokens in another way now`)
    },
    async close() {
      hooks.close()
      await listening.close()
    },
  }
}
