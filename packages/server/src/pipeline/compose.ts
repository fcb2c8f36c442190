/**
 * @module
 * How guards become one way that every call takes. The context of a call grows from guard to guard, and its type with
 * it: a list whose guards are in the wrong order, or lack one, does not compile.
 */
import type { Answer, Call, Invoke } from './call.ts'

/** Goes on with the guards behind, once; `added` becomes part of the call for them. */
export type Next<Adds> = (...added: object extends Adds ? [added?: Adds] : [added: Adds]) => Promise<Answer>

/**
 * One step of a call's way: it refuses, or goes on by `next` and may change the answer that comes back.
 *
 * @typeParam Needs What of the call the guard reads; guards before it must have added it.
 * @typeParam Adds What it adds to the call, or replaces in it.
 * @typeParam After The guards that must stand before it.
 */
export interface Guard<Name extends string, Needs, Adds, After extends string> {
  readonly name: Name
  readonly after: readonly After[]
  readonly run: (call: Needs, next: Next<Adds>) => Promise<Answer>
}

/** What stands behind all guards. */
export interface Endpoint<Needs, After extends string> {
  readonly after: readonly After[]
  readonly run: (call: Needs) => Promise<Answer>
}

/** A guard has called its `next` a second time: the call might be sent twice. A fault of the guard, not of a caller. */
export class NextCalledTwice extends Error {
  override readonly name = 'NextCalledTwice'
  readonly guard: string

  constructor(guard: string) {
    super(`Cannot go on: ${guard} has called next() before`)
    this.guard = guard
  }
}

/**
 * Makes one function of the guards and the endpoint behind them. The first guard is outermost: it sees a call first and
 * its answer last.
 *
 * A call passes these stages. A transport makes a {@link Call}: a tool's name and arguments that nobody has looked at,
 * on the accounts of a URL. From `audit` on it has a trace, so whatever happens to it is recorded; that is why limits
 * stand behind `audit`. `authorize` finds the tool among those of the URL (`ToolCall`), and `validateInput` makes the
 * tool's input of the arguments (`BoundCall`): no guard before them can know what the call would do. Guards of writes
 * come next, because they show, compare and keep that input. Behind them pseudonyms are resolved and answers redacted,
 * so that nothing outside sees more than the role may. `intent` is last: what it has recorded is sent.
 *
 * Each guard names in its type what it needs of the call, what it adds, and which guards must stand before it. The
 * compiler follows the list and refuses the first guard that stands where this does not hold, or stands there twice.
 *
 * The result rejects with {@link NextCalledTwice} when a guard calls its `next` twice for one call, as Hono's compose does.
 */
export function compose<const Guards extends readonly AnyGuard[]>(
  guards: Guards & Ordered<Guards, Call, never>,
  endpoint: Endpoint<WithAdded<Guards, Call>, Guards[number]['name']>,
): Invoke {
  const steps: readonly AnyGuard[] = guards
  return (call) => {
    let entered = -1
    // What a guard needs is in the call by then: the type of the list says so.
    const enter = async (at: number, reached: Call): Promise<Answer> => {
      if (at <= entered) throw new NextCalledTwice(steps[at - 1]?.name ?? '')
      entered = at
      const guard = steps[at]
      if (!guard) return endpoint.run(reached as WithAdded<Guards, Call>)
      return guard.run(reached as never, (added) => enter(at + 1, added ? { ...reached, ...added } : reached))
    }
    return enter(0, call)
  }
}

type AnyGuard = Guard<string, never, object, string>

/** The list itself; in place of the first guard that stands wrong, what is wrong with it. */
type Ordered<Guards, Context, Names extends string> = Guards extends readonly [infer First, ...infer Rest]
  ? First extends Guard<infer Name, infer Needs, infer Adds, infer After>
    ? Name extends Names
      ? readonly [Misplaced<`${Name} stands in the list already`>, ...Rest]
      : [After] extends [Names]
        ? Context extends Needs
          ? readonly [First, ...Ordered<Rest, Context & Adds, Names | Name>]
          : readonly [Misplaced<`${Name} needs what no guard before it adds`, Needs>, ...Rest]
        : readonly [Misplaced<`${Name} must stand behind ${Exclude<After, Names>}`>, ...Rest]
    : never
  : readonly []

interface Misplaced<Because extends string, Needs = unknown> {
  readonly because: Because
  readonly needs: Needs
}

/** The context behind these guards. */
type WithAdded<Guards, Context> = Guards extends readonly [infer First, ...infer Rest]
  ? WithAdded<Rest, Context & AddedBy<First>>
  : Context

type AddedBy<One> = One extends Guard<string, never, infer Adds, string> ? Adds : never
