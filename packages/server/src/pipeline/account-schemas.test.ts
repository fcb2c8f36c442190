import { loadCatalog, type UpstreamResponse } from '@quartermaster/connectors'
import { expect, test } from 'vitest'
import { sampleAccess } from '../../test/sample-tools.ts'
import { testTimer } from '../../test/timer.ts'
import { noClassification } from '../policy/classification.ts'
import { noQuotaLimiter } from '../quota/quota-limiter.ts'
import { deriveTools } from '../tools/derive-tools.ts'
import { accountFields } from './account-fields.ts'
import { accountSchemas } from './account-schemas.ts'
import type { Access } from './call.ts'

const connector = loadCatalog().get('hubspot')
if (!connector) throw new Error('the catalog has no such connector')
const access = ((): Access => {
  const { server, ...sample } = sampleAccess([])
  const account = { ...sample.account, system: connector.id, apiBase: connector.api.base }
  const tools = deriveTools(connector, server.config, undefined)
  return { ...sample, server, account, tools, bindings: [{ account, connector, tools }] }
})()
const method = access.tools.find((tool) => tool.method.accountSchema)?.method
if (!method) throw new Error('no tool of it is shaped')
const property = { name: 'tier', label: 'Tier', type: 'string', fieldType: 'text', modificationMetadata: {} }
const described: UpstreamResponse = { status: 200, headers: {}, body: JSON.stringify({ results: [property] }) }

/** A system that answers when it is told to, and not before. */
function slowSystem(record: () => Promise<void> = async () => {}) {
  const timer = testTimer()
  const waiting: ((response: UpstreamResponse) => void)[] = []
  let sent = 0
  const now = () => timer.now()
  const { apply } = accountSchemas({
    tokens: {
      token: async () => ({ value: 'token', ver: 1, apiBase: connector?.api.base ?? '' }),
      forget: () => {},
      drain: async () => {},
    },
    upstream: {
      send() {
        sent += 1
        return new Promise((resolve) => waiting.push(resolve))
      },
      close: async () => {},
    },
    fields: accountFields(now),
    quota: noQuotaLimiter,
    now,
    classification: () => noClassification,
    recordAsked: record,
    timer,
  })
  const list = () => {
    const asked = { given: undefined as Access | undefined }
    void apply(access).then((given) => {
      asked.given = given
    })
    return asked
  }
  const answer = () => {
    for (const resolve of waiting.splice(0)) resolve(described)
  }
  return { timer, apply, list, answer, sent: () => sent }
}

test('apply() gives a list without waiting more than 1.5 s, and no list of the account waits for that system again', async () => {
  const { timer, list, answer, sent } = slowSystem()
  const first = list()
  await timer.advance(1_499)
  expect(first.given).toBeUndefined()
  await timer.advance(1)
  expect(first.given?.tools).toBe(access.tools)
  const asked = sent()
  expect(asked).toBeGreaterThan(0)
  const second = list()
  await timer.advance(0)
  expect(second.given?.tools).toBe(access.tools)
  // The questions of the first go on, and their answers are there for whoever comes next.
  expect(sent()).toBe(asked)
  answer()
  await timer.advance(0)
  const third = list()
  await timer.advance(0)
  expect(third.given?.tools).not.toBe(access.tools)
  expect(sent()).toBe(asked)
  expect(timer.waiting()).toBe(0)
})

test('apply() waits for the audit within the same time, and asks nothing that it does not take', async () => {
  const hanging = slowSystem(() => new Promise(() => {}))
  const first = hanging.list()
  await hanging.timer.advance(1_500)
  expect(first.given?.tools).toBe(access.tools)
  const refusing = slowSystem(() => Promise.reject(new Error('disk full')))
  const second = refusing.list()
  await refusing.timer.advance(0)
  expect(second.given?.tools).toBe(access.tools)
  expect([hanging.sent(), refusing.sent()]).toEqual([0, 0])
})

test('apply() asks for a call about its own resource, after that is recorded, and counts only that as waiting outside', async () => {
  const { timer, apply, answer, sent } = slowSystem()
  const steps: string[] = []
  let isOver = false
  const record = async () => void steps.push(`recorded, ${sent()} sent`)
  const outside = async <T>(work: () => Promise<T>): Promise<T> => {
    steps.push('outside')
    return work()
  }
  void apply(access, { method, record, outside }).then(() => {
    isOver = true
  })
  await timer.advance(1_600)
  expect([steps, sent(), isOver]).toEqual([['recorded, 0 sent', 'outside'], 1, false])
  answer()
  await timer.advance(0)
  expect(isOver).toBe(true)
})

test('apply() leaves a call its time when there is nothing to wait for, and none waits for what another has not recorded', async () => {
  const { timer, apply, sent } = slowSystem()
  const steps: string[] = []
  const outside = async <T>(work: () => Promise<T>): Promise<T> => {
    steps.push('outside')
    return work()
  }
  const refused = { given: false }
  const hangs = { method, record: () => new Promise<void>(() => {}), outside }
  const fails = { method, record: () => Promise.reject(new Error('disk full')), outside }
  void apply(access, hangs)
  void apply(access, fails).then(() => {
    refused.given = true
  })
  await timer.advance(0)
  expect([refused.given, steps, sent()]).toEqual([true, [], 0])
  const working = slowSystem()
  const asked = working.apply(access, { method, record: async () => {}, outside })
  await working.timer.advance(0)
  working.answer()
  await asked
  expect(steps).toEqual(['outside'])
  await working.apply(access, { method, record: () => Promise.reject(new Error('not needed')), outside })
  expect(steps).toEqual(['outside'])
})
