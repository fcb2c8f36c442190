/** @module The one way of all calls: guards in the order of the list, and next() once. */
import { fail } from '@quartermaster/protocol'
import { expect, test } from 'vitest'
import { endsWith, passes } from '../../test/guards.ts'
import { sampleAccess, sampleMethod } from '../../test/sample-tools.ts'
import { type Answer, type Call, refuse } from './call.ts'
import { compose, type Guard, NextCalledTwice } from './compose.ts'

const call: Call = {
  requestId: 'req_1',
  access: sampleAccess([sampleMethod()]),
  toolName: 'list_all_acme_contacts',
  args: {},
  signal: new AbortController().signal,
}
const ok: Answer = { ok: true, records: [], quotas: [] }

test('compose() runs guards in the order of the list, gives what one adds to all behind it, and answers backwards', async () => {
  const seen: unknown[] = []
  const noting = <const Name extends string>(name: Name): Guard<Name, Call, object, never> => ({
    name,
    after: [],
    async run(_, next) {
      seen.push(name)
      const answer = await next()
      seen.push(`${name} answers`)
      return answer
    },
  })
  const adds = passes('adds', { tool: 'a tool' })
  const end = endsWith(async (reached: Call & { readonly tool: string }) => {
    seen.push(reached.tool, reached.requestId)
    return ok
  })
  expect(await compose([noting('first'), adds, noting('second')], end)(call)).toBe(ok)
  expect(seen).toEqual(['first', 'second', 'a tool', 'req_1', 'second answers', 'first answers'])
})

test('compose() sends nothing of a call that a guard refuses', async () => {
  const refusing: Guard<'refusing', Call, object, never> = {
    name: 'refusing',
    after: [],
    run: async () => refuse(fail('forbidden', 'no', 'none')),
  }
  const end = endsWith(() => Promise.reject(new Error('was sent')))
  expect(await compose([refusing], end)(call)).toMatchObject({ failure: { code: 'forbidden' } })
})

test('compose() rejects a second next() of one guard, also when the first is over, and never sends twice', async () => {
  let sent = 0
  const end = endsWith(async () => {
    sent += 1
    return ok
  })
  const twice = (how: (next: () => Promise<Answer>) => Promise<Answer>): Guard<'twice', Call, object, never> => ({
    name: 'twice',
    after: [],
    run: (_, next) => how(next),
  })
  const again = twice(async (next) => {
    await next()
    return next()
  })
  const atOnce = twice(async (next) => {
    const [first] = await Promise.all([next(), next()])
    return first
  })
  for (const guard of [again, atOnce]) {
    sent = 0
    const invoke = compose([passes('before'), guard, passes('behind')], end)
    await expect(invoke(call)).rejects.toThrow(new NextCalledTwice('twice'))
    expect(sent).toBe(1)
    // The control: the next call is another one.
    await expect(compose([passes('before'), passes('behind')], end)(call)).resolves.toBe(ok)
  }
})
