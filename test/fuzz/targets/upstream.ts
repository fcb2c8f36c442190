/** @module Target: good calls whose answers come back from the vendor cut, retyped, huge, or with hostile members. */
import fc from 'fast-check'
import { bytesOf, hostileJson, hostileKey } from '../hostile-json.ts'
import { outcomeOf } from '../outcome-of.ts'
import type { Target } from '../target.ts'
import { type ToolCall, toolCalls } from '../tool-call.ts'
import type { Warp } from '../warped-vendor.ts'

interface Spoiled {
  readonly call: ToolCall
  readonly warps: readonly Warp[]
}

/** Not 401: that asks for a new token, and what authorities answer has tests of its own. */
const statuses = [200, 201, 202, 204, 206, 301, 304, 400, 403, 404, 409, 410, 418, 422, 429, 500, 502, 503, 520, 599]

const fields: readonly (readonly [string, readonly string[]])[] = [
  ['content-type', ['text/html', 'application/json; charset=utf-16', 'application/octet-stream', 'x', '']],
  ['content-encoding', ['gzip', 'br', 'identity', 'x']],
  ['location', ['http://169.254.169.254/', '//x', '\u00ff']],
  ['set-cookie', ['__proto__=1']],
  ['x-hubspot-ratelimit-remaining', ['-1', 'NaN', '1e99', '0']],
  ['sforce-limit-info', ['api-usage=99999/1', 'api-usage=', '__proto__=1/0', 'api-usage=1e9/-1']],
]

const warp: fc.Arbitrary<Warp> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('value' as const), nth: fc.nat(400), text: hostileJson }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('member' as const),
      nth: fc.nat(100),
      key: hostileKey,
      text: hostileJson,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cut' as const), at: fc.nat() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('body' as const),
      bytes: bytesOf(fc.oneof(hostileJson, fc.constant('<!doctype html><title>502</title>'))),
      status: fc.constantFrom(200, 200, 400, 503),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('status' as const), status: fc.constantFrom(...statuses) }) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(...fields)
      .chain(([name, values]) => fc.constantFrom(...values).map((value): Warp => ({ kind: 'header', name, value }))),
  },
)

export const upstreamTarget: Target<Spoiled> = {
  name: 'upstream',
  share: 0.05,
  mustSee: ['ok', 'upstream_invalid'],
  inputs: ({ warpedDoors }) =>
    fc.record({
      call: toolCalls(warpedDoors, 0),
      warps: fc.oneof(
        { weight: 30, arbitrary: fc.array(warp, { minLength: 1, maxLength: 3 }) },
        { weight: 1, arbitrary: fc.constant<Warp[]>([{ kind: 'hang_up' }]) },
      ),
    }),
  async attempt({ warpedDoors, vendor, ask }, { call, warps }) {
    vendor.warp = warps
    try {
      const path = `${warpedDoors[call.door]?.path}/tools/${call.tool}`
      return outcomeOf(
        await ask({ method: 'POST', path, headers: { 'content-type': 'application/json' }, body: call.args }),
      )
    } finally {
      vendor.warp = []
    }
  },
}
