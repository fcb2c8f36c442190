/**
 * @module
 * The control API over HTTP, for tests in other processes and for the demo. It needs no token: a sandbox holds no
 * secrets. All bodies are JSON; a body that cannot be used is answered with 400 and the reason.
 *
 * - `GET /__sandbox`: tenants and vendors
 * - `GET /__sandbox/:tenant/world`: the demo company's facts
 * - `GET | POST | DELETE /__sandbox/:tenant/:vendor/faults`: read, arm one ({@link Fault}), clear all
 * - `GET | DELETE /__sandbox/:tenant/:vendor/counters`: read, reset
 * - `GET | DELETE /__sandbox/:tenant/:vendor/windows`, `PATCH …/windows/:name` `{limit?, windowMs?}`: read, free, resize
 * - `GET | PATCH /__sandbox/:tenant/:vendor/tokens` `{accessTokenTtlMs?, rotateRefreshTokens?, graceMs?}`
 * - `POST …/tokens/expire`, `POST …/tokens/revoke`, `POST …/tokens/sign-in` `{scope?, clientId?}`
 * - `GET …/records/:type` and `GET …/records/:type/:id`: raw values
 */
import { Hono } from 'hono'
import type { World } from '../world/world.ts'
import { InputRejected, readFault, readSignIn, readTokenSettings, readWindowSize } from './control-input.ts'
import type { VendorControl } from './vendor-control.ts'

/** What the control API works on. */
export interface ControlRouteDeps {
  readonly tenants: readonly string[]
  readonly vendors: readonly string[]
  readonly control: (tenant: string, vendor: string) => VendorControl
  readonly world: (tenant: string) => World
}

/** The control API, from `/__sandbox` on. */
export function controlRoutes({ tenants, vendors, control, world }: ControlRouteDeps): Hono {
  const at = '/:tenant/:vendor' as const
  const app = new Hono({ strict: false }).basePath('/__sandbox')
  const of = (c: { req: { param(name: string): string | undefined } }) =>
    control(c.req.param('tenant') ?? '', c.req.param('vendor') ?? '')

  app.onError((error, c) => {
    if (error instanceof InputRejected) return c.json({ error: error.message }, 400)
    if (error instanceof RangeError) return c.json({ error: error.message }, 404)
    throw error
  })
  app.notFound((c) => c.json({ error: 'Cannot answer: the control API has no such path' }, 404))

  app.get('/', (c) => c.json({ tenants, vendors }))
  app.get('/:tenant/world', (c) => c.json(world(c.req.param('tenant'))))

  app.get(`${at}/faults`, (c) => c.json({ faults: of(c).faults() }))
  app.post(`${at}/faults`, async (c) => {
    of(c).arm(readFault(await c.req.text()))
    return c.json({ faults: of(c).faults() }, 201)
  })
  app.delete(`${at}/faults`, (c) => {
    of(c).clearFaults()
    return c.body(null, 204)
  })

  app.get(`${at}/counters`, (c) => c.json(of(c).counters()))
  app.delete(`${at}/counters`, (c) => {
    of(c).resetCounters()
    return c.body(null, 204)
  })

  app.get(`${at}/windows`, (c) => c.json(of(c).windows()))
  app.delete(`${at}/windows`, (c) => {
    of(c).clearWindows()
    return c.body(null, 204)
  })
  app.patch(`${at}/windows/:name`, async (c) => {
    const known = of(c).setWindow(c.req.param('name'), readWindowSize(await c.req.text()))
    return known
      ? c.json(of(c).windows())
      : c.json({ error: 'Cannot resize the window: there is none of that name' }, 404)
  })

  app.get(`${at}/tokens`, (c) => c.json(of(c).tokenSettings()))
  app.patch(`${at}/tokens`, async (c) => {
    of(c).setTokens(readTokenSettings(await c.req.text()))
    return c.json(of(c).tokenSettings())
  })
  app.post(`${at}/tokens/expire`, (c) => {
    of(c).expireAccessTokens()
    return c.body(null, 204)
  })
  app.post(`${at}/tokens/revoke`, (c) => {
    of(c).revokeGrants()
    return c.body(null, 204)
  })
  app.post(`${at}/tokens/sign-in`, async (c) => c.json(of(c).signIn(readSignIn(await c.req.text())), 201))

  app.get(`${at}/records/:type`, (c) => {
    const records = of(c).records(c.req.param('type'))
    return records ? c.json({ records }) : c.json({ error: 'Cannot show the records: there is no such type' }, 404)
  })
  app.get(`${at}/records/:type/:id`, (c) => {
    const record = of(c).record(c.req.param('type'), c.req.param('id'))
    return record ? c.json(record) : c.json({ error: 'Cannot show the record: there is none of that type and id' }, 404)
  })
  return app
}
