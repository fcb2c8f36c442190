/**
 * @module
 * Tests by the compiler, never run: `tsc -b` fails when a list of guards that it should refuse compiles. Each list after
 * a control has one guard in a wrong place.
 */
import { fail } from '@quartermaster/protocol'
import type { applyAccountSchema } from '../src/pipeline/apply-account-schema.ts'
import type { approve } from '../src/pipeline/approve.ts'
import type { audit } from '../src/pipeline/audit.ts'
import type { authorize } from '../src/pipeline/authorize.ts'
import { type Call, refuse, type ToolCall } from '../src/pipeline/call.ts'
import { compose, type Guard, type Next } from '../src/pipeline/compose.ts'
import type { dailyCallLimit } from '../src/pipeline/daily-call-limit.ts'
import type { dryRun } from '../src/pipeline/dry-run.ts'
import type { idempotency } from '../src/pipeline/idempotency.ts'
import type { inboundLimit } from '../src/pipeline/inbound-limit.ts'
import type { intent } from '../src/pipeline/intent.ts'
import type { redact } from '../src/pipeline/redact.ts'
import type { resolve } from '../src/pipeline/resolve.ts'
import type { resolveAccount } from '../src/pipeline/resolve-account.ts'
import type { send } from '../src/pipeline/send.ts'
import type { validateInput } from '../src/pipeline/validate-input.ts'
import type { validateWriteOptions } from '../src/pipeline/validate-write-options.ts'
import type { Tool } from '../src/tools/tool.ts'
import { passes } from './guards.ts'

type Before = readonly [
  account: ReturnType<typeof resolveAccount>,
  audit: ReturnType<typeof audit>,
  inbound: ReturnType<typeof inboundLimit>,
  daily: ReturnType<typeof dailyCallLimit>,
]
type Tools = readonly [
  authorize: ReturnType<typeof authorize>,
  schema: ReturnType<typeof applyAccountSchema>,
  input: ReturnType<typeof validateInput>,
]
type Writes = readonly [
  options: ReturnType<typeof validateWriteOptions>,
  dry: ReturnType<typeof dryRun>,
  idempotency: ReturnType<typeof idempotency>,
  approve: ReturnType<typeof approve>,
]
type Last = readonly [
  resolve: ReturnType<typeof resolve>,
  redact: ReturnType<typeof redact>,
  intent: ReturnType<typeof intent>,
]

/** The guards of server.ts. */
export function orderOfGuards(
  before: Before,
  tools: Tools,
  writes: Writes,
  last: Last,
  sends: ReturnType<typeof send>,
) {
  const [account, recorded, inbound, daily] = before
  const [authorized, schema, input] = tools
  const [options, dry, once, approved] = writes
  const [resolved, redacted, intended] = last
  // The control: the order of server.ts.
  compose([...before, ...tools, ...writes, ...last], sends)
  // @ts-expect-error swapped: the limits would refuse what nobody records
  compose([account, inbound, recorded, daily, ...tools, ...writes, ...last], sends)
  // @ts-expect-error swapped: there is no tool to make an input for
  compose([...before, input, authorized, schema, ...writes, ...last], sends)
  // @ts-expect-error swapped: a call that was tried would be remembered as made
  compose([...before, ...tools, options, once, dry, approved, ...last], sends)
  // @ts-expect-error swapped: an approval would show what pseudonyms stand for
  compose([...before, ...tools, options, dry, once, resolved, approved, redacted, intended], sends)
  // @ts-expect-error swapped: what has left an intent could still be refused
  compose([...before, ...tools, ...writes, resolved, intended, redacted], sends)
  // @ts-expect-error missing: nothing records the call
  compose([account, inbound, daily, ...tools, ...writes, ...last], sends)
  // @ts-expect-error missing: nothing looks at the URL's tools
  compose([...before, schema, input, ...writes, ...last], sends)
  // @ts-expect-error missing: a write that needs an approval would be sent without
  compose([...before, ...tools, options, dry, once, ...last], sends)
  // @ts-expect-error missing: nothing redacts the answer
  compose([...before, ...tools, ...writes, resolved, intended], sends)
  // @ts-expect-error missing: nothing leaves an intent
  compose([...before, ...tools, ...writes, resolved, redacted], sends)
  // @ts-expect-error twice
  compose([...before, ...tools, ...writes, redacted, ...last], sends)
  // @ts-expect-error twice
  compose([account, recorded, inbound, daily, daily, ...tools, ...writes, ...last], sends)
  // @ts-expect-error no guard at all
  compose([], sends)
}

/** What a guard says of itself. */
export function promisesOfGuards(tool: Tool, limited: Passing<'dailyCallLimit'>, find: Finds, needsTool: NeedsTool) {
  const sends = { after: ['intent'], run: async (_: ToolCall) => refuse(fail('forbidden', '', '')) } as const
  const intended = passes('intent')
  // The control.
  compose([limited, find, needsTool, intended], sends)
  // @ts-expect-error what stands under its name does not add the tool
  compose([limited, passes('authorize'), needsTool, intended], sends)
  // @ts-expect-error the endpoint needs a tool
  compose([intended], sends)
  const adding = (next: Next<Pick<ToolCall, 'tool'>>) => [
    next({ tool }),
    // @ts-expect-error it has promised a tool
    next(),
    // @ts-expect-error it has promised a tool
    next({}),
  ]
  return adding
}

type Passing<Name extends string> = Guard<Name, Call, object, never>
type Finds = ReturnType<typeof authorize>
type NeedsTool = Guard<'needsTool', ToolCall, object, 'authorize'>
