/**
 * @module
 * Reads the bodies of control calls, once, and says what is wrong with the others.
 */
import type { TokenSettings } from '../authority/token-store.ts'
import { type Fault, faultKinds } from './fault-plan.ts'
import type { WindowSize } from './rolling-windows.ts'
import type { SignIn } from './vendor-control.ts'

/** The body of a control call cannot be used. */
export class InputRejected extends Error {
  override readonly name = 'InputRejected'
}

type Check = (value: unknown) => boolean

const count: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0
const positive: Check = (value) => count(value) && value !== 0
const text: Check = (value) => typeof value === 'string'
const flag: Check = (value) => typeof value === 'boolean'
const failing: Check = (value) => count(value) && Number(value) >= 400 && Number(value) <= 599

/** @throws InputRejected when the body is no fault. */
export function readFault(body: string): Fault {
  const fault = read(body, {
    kind: (value) => faultKinds.some((kind) => kind === value),
    times: positive,
    path: text,
    method: text,
    retryAfterS: count,
    window: text,
    status: failing,
    ms: count,
  })
  if (fault['kind'] === undefined) throw new InputRejected('Cannot arm a fault: "kind" is missing')
  return fault as unknown as Fault
}

/** @throws InputRejected when the body is no window size. */
export function readWindowSize(body: string): Partial<WindowSize> {
  return read(body, { limit: count, windowMs: positive })
}

/** @throws InputRejected when the body holds something else than token settings. */
export function readTokenSettings(body: string): Partial<TokenSettings> {
  return read(body, { accessTokenTtlMs: positive, rotateRefreshTokens: flag, graceMs: count })
}

/** An empty body is an empty request. @throws InputRejected when it is something else. */
export function readSignIn(body: string): SignIn {
  return read(body || '{}', { scope: text, clientId: text })
}

function read(body: string, members: { readonly [name: string]: Check }): { readonly [name: string]: unknown } {
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch (cause) {
    throw new InputRejected('Cannot read the body: it is not JSON', { cause })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InputRejected('Cannot read the body: it is not a JSON object')
  }
  for (const [name, member] of Object.entries(value)) {
    const check = Object.hasOwn(members, name) ? members[name] : undefined
    if (!check) throw new InputRejected(`Cannot read the body: there is no member named ${JSON.stringify(name)}`)
    if (!check(member)) throw new InputRejected(`Cannot read the body: ${JSON.stringify(name)} has no usable value`)
  }
  return value as { readonly [name: string]: unknown }
}
