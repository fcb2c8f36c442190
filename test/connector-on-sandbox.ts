/**
 * @module
 * A connector of the catalog on an independent fake of its system: its methods can be called, and what was called is
 * remembered.
 */
import {
  type Connection,
  type Connector,
  customFieldNames,
  type Method,
  type MethodInput,
  type MethodOutcome,
  runMethod,
  type UpstreamRequest,
  type UpstreamResponse,
} from '@quartermaster/connectors'
import { createSandbox } from '@quartermaster/sandbox'

const scopes = (connector: Connector) =>
  [...connector.auth.scopes.required, ...connector.auth.scopes.optional].join(' ')

/** `<system> <resource>.<method>` of every call that any test made. */
export const used = new Set<string>()

export function connectToSandbox(connector: Connector) {
  const now = Date.UTC(2026, 10, 22)
  const origin = 'http://sandbox.test'
  const sandbox = createSandbox({ tenants: ['acme'], origin, now: () => now })
  const control = sandbox.control('acme', connector.id)
  for (const name of Object.keys(control.windows())) control.setWindow(name, { limit: 100_000 })
  const { accessToken } = control.signIn({ scope: scopes(connector) })
  const base = `${origin}/acme/${connector.id}`

  const send = async ({ url, method, headers, body }: UpstreamRequest): Promise<UpstreamResponse> => {
    const sent = { ...headers, authorization: `Bearer ${accessToken}` }
    const request = new Request(url, { method, headers: sent, ...(body === undefined ? {} : { body }) })
    const response = await sandbox.fetch(request)
    return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() }
  }
  const methodOf = (name: string): Method => {
    const method = connector.methods.find((one) => `${one.resource}.${one.name}` === name)
    if (!method) throw new RangeError(`${connector.id} has no ${name}`)
    return method
  }
  const connectionFor = async (method: Method): Promise<Connection> => {
    if (!method.discover) return { base }
    return {
      base,
      customFields: customFieldNames(await method.discover.read(await send(method.discover.prepare({ base })))),
    }
  }
  const call = async (name: string, input: Partial<MethodInput> = {}): Promise<MethodOutcome> => {
    const method = methodOf(name)
    const full = { args: {}, ...input }
    const connection = { ...(await connectionFor(method)), now }
    const outcome = await runMethod(
      method,
      full,
      async (page) => method.read(await send(await method.prepare(page, connection)), page),
      () => true,
    )
    if (outcome.ok) used.add(`${connector.id} ${name}`)
    return outcome
  }
  const ok = async (name: string, input: Partial<MethodInput> = {}) => {
    const outcome = await call(name, input)
    if (!outcome.ok) throw new Error(`${connector.id} ${name}: ${outcome.failure.message}`)
    return outcome
  }
  const all = async (name: string, input: Partial<MethodInput> = {}) => {
    const found = []
    let cursor: string | undefined
    for (let page = 0; page < 100; page += 1) {
      const outcome = await ok(name, { limit: 100, ...input, ...(cursor === undefined ? {} : { cursor }) })
      found.push(...outcome.records)
      cursor = outcome.cursor
      if (cursor === undefined) return found
    }
    throw new Error(`${name} does not end`)
  }
  return { call, ok, all, control, sandbox, world: sandbox.world('acme') }
}

export const idsOf = (found: readonly { readonly [field: string]: unknown }[]) =>
  found.map(({ id }) => String(id)).sort()
