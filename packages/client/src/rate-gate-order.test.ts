import { settle, TestClock } from '@quartermaster/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Entry } from './gate/entry.ts'
import type { GateEvent } from './gate/gate-event.ts'
import { RateGate } from './rate-gate.ts'

function setup() {
  const clock = new TestClock()
  const events: GateEvent[] = []
  return { clock, events, gate: new RateGate({ clock, random: () => 0, onEvent: (event) => events.push(event) }) }
}

async function teach(gate: RateGate, tool: string, bucket: string): Promise<void> {
  const entry = await gate.enter('a', { tool })
  if (entry.ok) entry.leave({ answered: true, quotas: [{ bucket }] })
}

test('a search quota that is used up holds searches, and no list', async () => {
  const { clock, gate } = setup()
  await teach(gate, 'search', 'secondly')
  await teach(gate, 'list', 'ten-secondly')
  gate.hold('a', 5000, 'secondly')
  expect(gate.opensInMs('a', 'search')).toBe(5000)
  expect(gate.opensInMs('a', 'list')).toBe(0)
  let searched = false
  void gate.enter('a', { tool: 'search', jitterMs: 0 }).then(() => {
    searched = true
  })
  expect((await gate.enter('a', { tool: 'list' })).ok).toBe(true)
  await clock.advance(4999)
  expect(searched).toBe(false)
  await clock.advance(1)
  expect(searched).toBe(true)
})

test('a tool that has not been heard of waits for whichever quota is closed, and a refusal without a name closes all', async () => {
  const { clock, gate } = setup()
  await teach(gate, 'search', 'secondly')
  await teach(gate, 'list', 'ten-secondly')
  gate.hold('a', 1000, 'secondly')
  expect(gate.opensInMs('a', 'new')).toBe(1000)
  await clock.advance(1000)
  gate.hold('a', 1000)
  expect(gate.opensInMs('a', 'list')).toBe(1000)
})

test('refuse() of one quota turns away only those who need it', async () => {
  const { gate } = setup()
  await teach(gate, 'search', 'daily-search')
  await teach(gate, 'list', 'ten-secondly')
  gate.refuse('a', 3_600_000, 30_000, 'daily-search')
  expect(await gate.enter('a', { tool: 'search' })).toMatchObject({ ok: false, reason: 'refused' })
  expect((await gate.enter('a', { tool: 'list' })).ok).toBe(true)
})

test('what answers say about the limit paces everybody, also after the window has rolled on', async () => {
  const { clock, gate } = setup()
  const started = clock.now()
  const entered: number[] = []
  const quotas = [{ bucket: 'burst', limit: 4, windowMs: 1000 }]
  const branch = async (calls: number) => {
    for (let nth = 0; nth < calls; nth += 1) {
      const entry = await gate.enter('a', { tool: 'get' })
      entered.push(clock.now() - started)
      if (entry.ok) entry.leave({ answered: true, quotas })
    }
  }
  const branches = Promise.all([branch(4), branch(4), branch(4)])
  await clock.advance(3000)
  await branches
  for (const at of [0, 1020, 2040]) expect(entered.filter((time) => time === at)).toHaveLength(4)
})

test('a probe that is refused closes again; events tell the story', async () => {
  const { clock, gate, events } = setup()
  gate.hold('a', 1000)
  const entries = [1, 2, 3, 4, 5].map(() => gate.enter('a', { jitterMs: 0, maxConcurrent: 9 }))
  await clock.advance(1000)
  expect(gate.state('a')).toMatchObject({ inFlight: 1, waiting: 4 })
  const probe = await entries[0]
  gate.hold('a', 2000)
  if (probe?.ok) probe.leave({ refused: true })
  await clock.advance(1999)
  expect(gate.state('a')).toMatchObject({ inFlight: 0, waiting: 4 })
  await clock.advance(1)
  for (const entry of entries.slice(1)) {
    const inside = await entry
    if (inside.ok) inside.leave({ answered: true })
  }
  expect(events.map(({ type }) => type)).toEqual(['held', 'probing', 'held', 'probing', 'open'])
})

test('a gate whose observer throws still opens', async () => {
  const gate = new RateGate({
    clock: new TestClock(),
    onEvent: () => {
      throw new Error('display broken')
    },
  })
  gate.hold('a', 0)
  expect((await gate.enter('a', { jitterMs: 0 })).ok).toBe(true)
})

const tools = ['list', 'search', 'get'] as const

test('under any order of answers, aborts, holds and time: tickets in order per quota, bounds kept, nobody forgotten', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(
        fc.record({
          tool: fc.constantFrom(...tools),
          abort: fc.boolean(),
          refusedForMs: fc.option(fc.integer({ min: 0, max: 3000 }), { nil: undefined, freq: 4 }),
        }),
        { minLength: 1, maxLength: 24 },
      ),
      async (scheduler, calls) => {
        const { clock, gate } = setup()
        await teach(gate, 'list', 'lists')
        await teach(gate, 'search', 'searches')
        const heldUntil = new Map<string, number>()
        const order = new Map<string, number[]>(tools.map((tool) => [tool, []]))
        const faults: string[] = []
        let inside = 0
        let ended = 0
        const run = async ({ tool, abort, refusedForMs }: (typeof calls)[number], nth: number) => {
          const cancel = new AbortController()
          if (abort) void scheduler.schedule(Promise.resolve(), `abort ${nth}`).then(() => cancel.abort())
          const ticket = gate.ticket()
          const entry: Entry = await gate.enter('a', {
            tool,
            ticket,
            jitterMs: 0,
            maxConcurrent: 3,
            signal: cancel.signal,
          })
          if (!entry.ok) {
            ended += 1
            return
          }
          inside += 1
          if (inside > 3) faults.push(`${inside} in flight`)
          if ((heldUntil.get(tool) ?? 0) > clock.now()) faults.push(`${tool} entered while held`)
          order.get(tool)?.push(ticket)
          await scheduler.schedule(Promise.resolve(), `answer ${nth}`)
          const bucket = tool === 'search' ? 'searches' : 'lists'
          if (refusedForMs !== undefined) {
            gate.hold('a', refusedForMs, bucket)
            const until = Math.max(heldUntil.get(tool) ?? 0, clock.now() + refusedForMs)
            heldUntil.set(tool, until)
            if (tool !== 'get') expect(gate.opensInMs('a', tool)).toBeGreaterThanOrEqual(until - clock.now())
          }
          inside -= 1
          ended += 1
          entry.leave({
            refused: refusedForMs !== undefined,
            answered: refusedForMs === undefined,
            quotas: [{ bucket }],
          })
        }
        const runs = calls.map(run)
        for (let round = 0; round < 400 && ended < calls.length; round += 1) {
          await settle()
          if (scheduler.count() > 0) await scheduler.waitOne()
          else await clock.advance(3100)
        }
        expect(faults).toEqual([])
        expect(ended).toBe(calls.length)
        await Promise.all(runs)
        for (const tickets of order.values()) expect(tickets).toEqual(tickets.toSorted((a, b) => a - b))
        expect(gate.state('a')).toMatchObject({ inFlight: 0, waiting: 0 })
        while (scheduler.count() > 0) await scheduler.waitOne()
        await clock.advance(10_000)
        expect(clock.sleeping()).toEqual([])
      },
    ),
    { numRuns: 60 },
  )
})
