/**
 * @module
 * All vendors for all tenants behind one fetch handler: `/<tenant>/<vendor>/…` are the vendors, `/__sandbox/…` is the
 * control API. Nothing is kept on disk.
 */
import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { defaultClients, type RegisteredClient } from './authority/client-registry.ts'
import { controlRoutes } from './control/control-routes.ts'
import { controlOf, type VendorControl } from './control/vendor-control.ts'
import { type Mount, mountVendor } from './mount.ts'
import type { Vendor } from './vendor.ts'
import { allVendors } from './vendors.ts'
import { createWorld } from './world/create-world.ts'
import type { World } from './world/world.ts'

/** How a sandbox is made. */
export interface SandboxOptions {
  /** Names of the demo companies, as they stand in the path. */
  readonly tenants: readonly string[]
  /** Default 1. The same seed gives the same companies. */
  readonly seed?: number
  /**
   * Scheme, host and port that clients use, no trailing slash. When it is left out, `listen` sets it, or else the first
   * request decides.
   */
  readonly origin?: string | (() => string)
  /** Epoch milliseconds. Default: the system's clock. */
  readonly now?: () => number
  /** Waits for armed latencies. */
  readonly sleep?: (ms: number) => Promise<void>
  /** `bytes` random bytes as hex, for tokens. */
  readonly randomHex?: (bytes: number) => string
  /** Registered at every vendor. Default: `sandbox-client` with the secret `sandbox-secret`. */
  readonly clients?: readonly RegisteredClient[]
  readonly vendors?: readonly Vendor[]
  /** Changes a demo company before the vendors are given it, for example to hide something in it that can be found again. */
  readonly plant?: (world: World) => World
}

/** A running sandbox; there is nothing to close. */
export interface Sandbox {
  /** Answers like the vendor. Rejects only when a fault drops the response. */
  fetch(request: Request): Promise<Response>
  /** Says where clients find the sandbox, once that is known. An `origin` option wins. */
  useOrigin(origin: string): void
  /** @throws RangeError when there is no such tenant or vendor. */
  control(tenant: string, vendor: string): VendorControl
  /** The demo company's facts, as generated. @throws RangeError when there is no such tenant. */
  world(tenant: string): World
}

/**
 * Makes a sandbox; every tenant gets every vendor.
 * @throws RangeError when a tenant's name cannot stand in a path or is there twice.
 */
export function createSandbox(options: SandboxOptions): Sandbox {
  const { tenants, seed = 1, now = Date.now, sleep = (ms) => delay(ms), clients = defaultClients } = options
  const randomHex = options.randomHex ?? ((bytes) => randomBytes(bytes).toString('hex'))
  const vendors = options.vendors ?? allVendors
  let learntOrigin: string | undefined
  const origin = () => {
    const known = typeof options.origin === 'function' ? options.origin() : options.origin
    return (known ?? learntOrigin ?? '').replace(/(?<!\/)\/+$/, '')
  }

  const worlds = new Map<string, World>()
  const mounts = new Map<string, Mount>()
  for (const tenant of tenants) {
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(tenant) || worlds.has(tenant)) {
      throw new RangeError(`Cannot make the tenant ${JSON.stringify(tenant)}: it is there already, or no path segment`)
    }
    const made = createWorld(tenant, seed)
    const world = options.plant?.(made) ?? made
    worlds.set(tenant, world)
    for (const vendor of vendors) {
      const baseUrl = () => `${origin()}/${tenant}/${vendor.id}`
      mounts.set(`${tenant}/${vendor.id}`, mountVendor(vendor, { world, clients, now, sleep, randomHex, baseUrl }))
    }
  }

  const control = (tenant: string, vendor: string): VendorControl => {
    const mount = mounts.get(`${tenant}/${vendor}`)
    if (!mount) throw new RangeError(`Cannot control ${tenant}/${vendor}: there is no such tenant or vendor`)
    return controlOf(mount)
  }
  const world = (tenant: string): World => {
    const known = worlds.get(tenant)
    if (!known) throw new RangeError(`Cannot show the world of ${tenant}: there is no such tenant`)
    return known
  }
  const controls = controlRoutes({ tenants, vendors: vendors.map((vendor) => vendor.id), control, world })

  return {
    control,
    world,
    useOrigin(known) {
      learntOrigin = known
    },
    async fetch(request) {
      const url = new URL(request.url)
      learntOrigin ??= url.origin
      const [, tenant = '', vendor = ''] = url.pathname.split('/', 3)
      if (tenant === '__sandbox') return controls.fetch(request)
      const mount = mounts.get(`${tenant}/${vendor}`)
      if (!mount)
        return notFound(
          worlds.has(tenant) ? `there is no vendor named ${vendor}` : `there is no tenant named ${tenant}`,
        )
      url.pathname = url.pathname.slice(tenant.length + vendor.length + 2) || '/'
      return mount.fetch(new Request(url, request))
    },
  }
}

function notFound(reason: string): Response {
  return Response.json({ error: `Cannot answer: ${reason}` }, { status: 404 })
}
