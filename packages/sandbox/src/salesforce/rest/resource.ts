/**
 * @module
 * Registers one resource with the methods it has; every other method is refused the way Salesforce does.
 */
import type { Context, Hono } from 'hono'
import type { VendorEnv } from '../../vendor.ts'
import { Refused } from '../refusal.ts'

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'
export type Call = Context<VendorEnv>
export type Handler = (call: Call) => Response | Promise<Response>

/** Where the REST API of one version begins; `:version` is checked by the session. */
export const VERSION_ROOT = '/services/data/:version{v[0-9]+\\.[0-9]+}'

/** @throws {Refused} from the handler it registers: 405 for a method that the resource does not have. */
export function resource(app: Hono<VendorEnv>, path: string, handlers: Partial<Record<Method, Handler>>): void {
  const methods = Object.keys(handlers).flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
  for (const [method, handler] of Object.entries(handlers)) app.on(method, path, handler)
  app.all(path, (call) => {
    const message = `HTTP Method '${call.req.method}' not allowed. Allowed are ${methods.join(',')}`
    throw new Refused(405, [{ message, errorCode: 'METHOD_NOT_ALLOWED' }], { allow: methods.join(', ') })
  })
}

/** The path below which this call's resources lie: `/services/data/v67.0`. */
export function rootOf(call: Call): string {
  return `/services/data/${call.req.param('version') ?? ''}`
}

/** A parameter of the path; empty when the route has none of that name. */
export function pathParam(call: Call, name: string): string {
  return call.req.param(name) ?? ''
}

/** A JSON answer in Salesforce's content type. */
export function json(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return Response.json(body, { status, headers: { 'content-type': 'application/json;charset=UTF-8', ...headers } })
}
