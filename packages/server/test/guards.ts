/**
 * @module
 * Guards one at a time, and what stands in for the others around them, for tests.
 */
import type { Answer, Call } from '../src/pipeline/call.ts'
import type { Endpoint, Guard, Next } from '../src/pipeline/compose.ts'

/** A guard of this name that lets every call through, with what the real one would have added. */
export function passes<Name extends string>(name: Name): Guard<Name, Call, object, never>
export function passes<Name extends string, Adds extends object>(name: Name, adds: Adds): Guard<Name, Call, Adds, never>
export function passes(name: string, adds?: object): Guard<string, Call, object, never> {
  return { name, after: [], run: (_, next) => next(adds) }
}

/** An endpoint that needs no guard before it. */
export function endsWith<Needs>(run: (call: Needs) => Promise<Answer>): Endpoint<Needs, never> {
  return { after: [], run }
}

/** One guard alone, with this behind it. */
export function alone<Needs, Adds>(
  guard: Guard<string, Needs, Adds, string>,
  next: Next<Adds>,
): (call: Needs) => Promise<Answer> {
  return (call) => guard.run(call, next)
}
