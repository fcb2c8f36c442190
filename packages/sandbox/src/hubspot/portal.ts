/**
 * @module
 * What every HubSpot route works with, and how it reads a call: types in the path, scopes of the token, lists in the
 * query, JSON bodies.
 */
import type { Context } from 'hono'
import type { VendorContext, VendorEnv } from '../vendor.ts'
import { findObjectType, type ObjectType } from './object-type.ts'
import { invalid, missingScopes, Problem, resourceNotFound } from './problem.ts'
import type { HubStore } from './store.ts'

/** One tenant's portal. */
export interface Portal {
  readonly store: HubStore
  readonly context: VendorContext
}

/** A call as the routes see it. */
export type Call = Context<VendorEnv>

/** The date-versioned API families that are served next to version 3. */
export const dateVersions = ['2026-03', '2026-09'] as const

/** @throws Problem 400 when HubSpot knows no such type. */
export function typeIn(c: Call, parameter = 'type'): ObjectType {
  const text = c.req.param(parameter) ?? ''
  const type = findObjectType(text)
  if (!type) throw invalid(`Unable to infer object type from: ${text}`)
  return type
}

/** @throws Problem 403 when the token has none of the scopes. */
export function needScope(c: Call, ...scopes: readonly string[]): void {
  const granted = c.env.grant?.scopes ?? []
  if (!scopes.some((scope) => granted.includes(scope))) throw missingScopes(scopes)
}

/** A list in the query, as repeated keys, as commas, or both. */
export function listIn(c: Call, name: string): string[] {
  return (c.req.queries(name) ?? [])
    .flatMap((text) => text.split(','))
    .map((text) => text.trim())
    .filter(Boolean)
}

/** @throws Problem 400 when the number is none, or above `max`. */
export function limitIn(c: Call, fallback: number, max: number): number {
  const text = c.req.query('limit')
  if (text === undefined || text === '') return fallback
  const limit = Number(text)
  if (!Number.isInteger(limit) || limit < 1 || limit > max) {
    throw invalid(`Invalid limit: ${JSON.stringify(text)}. It must be a number from 1 to ${max}.`)
  }
  return limit
}

/** A JSON object of unknown content. */
export type Json = { readonly [name: string]: unknown }

/** @throws Problem 400 for anything but a JSON object, 415 when it is not announced as JSON. */
export async function bodyOf(c: Call): Promise<Json> {
  if (!/^application\/json\b/i.test(c.req.header('content-type') ?? '')) {
    throw new Problem(415, { message: 'Unsupported Media Type', category: 'VALIDATION_ERROR' })
  }
  let body: unknown
  try {
    body = JSON.parse(await c.req.text())
  } catch {
    throw invalid('Invalid input JSON on line 1, column 1: the body could not be parsed')
  }
  if (!isObject(body)) throw invalid('Invalid input JSON on line 1, column 1: an object was expected')
  return body
}

/** True for a JSON object, false for null and lists. */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The objects in a member of a body that must be a list of them; absent is empty. @throws Problem 400 otherwise. */
export function objectsIn(body: Json, name: string): Json[] {
  const value = body[name] ?? []
  if (!Array.isArray(value) || !value.every(isObject))
    throw invalid(`Invalid input JSON: "${name}" must be a list of objects`)
  return value
}

/** The texts in a member of a body; absent is empty. @throws Problem 400 when it is something else. */
export function textsIn(body: Json, name: string): string[] {
  const value = body[name] ?? []
  if (!Array.isArray(value)) throw invalid(`Invalid input JSON: "${name}" must be a list`)
  return value.map(String)
}

/** A member of a body as text; `undefined` when it is absent or null. */
export function textIn(body: Json, name: string): string | undefined {
  const value = body[name]
  return value === undefined || value === null ? undefined : String(value)
}

/** The URL of the next page: this call's own, with another `after`. */
export function nextPage({ context }: Portal, c: Call, after: string): { next: { after: string; link: string } } {
  const query = new URL(c.req.url).searchParams
  query.set('after', after)
  return { next: { after, link: `${context.baseUrl}${c.req.path}?${query}` } }
}

/** Answers 404 for a parameter that names nothing. */
export function found<T>(value: T | undefined): T {
  if (value === undefined) throw resourceNotFound()
  return value
}
