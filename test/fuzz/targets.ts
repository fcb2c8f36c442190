/** @module Everything that is fuzzed, in one list. The shares add up to one. */

import { type FuzzOptions, fuzzTarget, type TargetReport } from './fuzz-target.ts'
import type { Target } from './target.ts'
import { adminTarget } from './targets/admin.ts'
import { argumentsTarget } from './targets/arguments.ts'
import { cursorsTarget } from './targets/cursors.ts'
import { headersTarget } from './targets/headers.ts'
import { mirrorTarget } from './targets/mirror.ts'
import { narrowTarget } from './targets/narrow.ts'
import { rpcTarget } from './targets/rpc.ts'
import { sseTarget } from './targets/sse.ts'
import { upstreamTarget } from './targets/upstream.ts'

export interface NamedTarget {
  readonly name: string
  readonly share: number
  readonly mustSee: readonly string[]
  run(options: FuzzOptions): Promise<TargetReport>
}

/** Each target has inputs of its own kind; here only that it can be run matters. */
function named<Input>(target: Target<Input>): NamedTarget {
  const { name, share, mustSee = [] } = target
  return { name, share, mustSee, run: (options) => fuzzTarget(target, options) }
}

export const targets: readonly NamedTarget[] = [
  named(rpcTarget),
  named(argumentsTarget),
  named(headersTarget),
  named(cursorsTarget),
  named(mirrorTarget),
  named(narrowTarget),
  named(sseTarget),
  named(adminTarget),
  named(upstreamTarget),
]
