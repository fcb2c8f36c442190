/**
 * @module
 * Five thousand records, 25 at a time, one gate: all of them together keep within the account's limit, and not one record
 * is lost. Code counts what was read; a model says it in a sentence.
 */
import { END, START, StateGraph, StateSchema } from '@langchain/langgraph'
import { callTool, RateGate } from '@quartermaster/client'
import { scriptedModel, watch } from '@quartermaster/crew'
import { mappedValue, mapRecords, recordOf } from '@quartermaster/langgraph'
import { roles } from '@quartermaster/toolsets'
import { z } from 'zod'
import { runExample } from '../run-example.ts'

const READS = 5000
const BRANCHES = 25
const kinds = { contacts: 'contact', companies: 'account', deals: 'opportunity' } as const

/** The demo company has fewer records than that, so each is read several times, under a key of its own. */
const Read = z.object({ key: z.string(), kind: z.enum(['contact', 'account', 'opportunity']), id: z.string() })
type Read = z.infer<typeof Read>
const State = new StateSchema({
  reads: z.array(Read),
  records: mappedValue(z.string()),
  report: z.string().optional(),
})

/** What there is to say, as a model is told it: figures that were counted. */
const outcome = ({ results, failures }: typeof State.State.records) =>
  `${Object.keys(results).length} records were read, ${Object.keys(failures).length} failed`

/** Plays the model: says what it was told. */
const script = scriptedModel(({ question }) => `${question.split('\n').at(-1)}, within the limit of one account.`)

await runExample({
  file: import.meta.url,
  about: `${READS} record reads, ${BRANCHES} at a time, that share one account's limit.`,

  async graph({ open, account, model }) {
    const conn = await open(roles.sales.methods('read'))
    const gate = new RateGate()
    const writer = await model(script)
    const fanOut = mapRecords({
      node: 'read_records',
      into: 'records',
      branches: BRANCHES,
      from: ({ reads }: typeof State.State) => reads,
      key: ({ key }) => key,
      next: 'write_report',
      each: async ({ kind, id }: Read, { signal, writer }) => {
        const tool = { name: `get_single_hub_spot_${kind}_by_id`, annotations: { readOnlyHint: true } }
        const policy = { maxConcurrent: BRANCHES, jitterS: 0.2 }
        const options = { account, gate, policy, onEvent: (event: object) => writer?.(event) }
        const record = recordOf<{ id: string }>(
          await callTool(conn, tool, { id }, signal ? { ...options, signal } : options),
        )
        return record.ok ? { ok: true, value: record.value.id } : record
      },
    })
    return new StateGraph(State)
      .addNode('read_records', fanOut.branch)
      .addNode('write_report', async ({ records }) => {
        const question = `Say this in one sentence, with its figures in digits:\n${outcome(records)}`
        return { report: (await writer.invoke(question)).text }
      })
      .addConditionalEdges(START, fanOut.fanOut, ['read_records', 'write_report'])
      .addEdge('read_records', 'write_report')
      .addEdge('write_report', END)
      .compile({ name: 'fan-out' })
  },

  async run(graph, { hubspot }) {
    // HubSpot's 110 calls in ten seconds would take eight minutes: the same window, some forty times as fast.
    hubspot.setWindow('ten_secondly', { limit: 2000, windowMs: 5000 })
    const all = Object.entries(kinds).flatMap(([type, kind]) =>
      (hubspot.records(type) ?? []).map(({ id }) => ({ kind, id })),
    )
    const reads = Array.from({ length: READS }, (_, nth) => ({
      key: `r${nth}`,
      ...(all[nth % all.length] as Omit<Read, 'key'>),
    }))
    // One refusal is certain, so that the wait which all share is seen on a slow machine too.
    hubspot.arm({ kind: 'rate_limit', times: 1, retryAfterS: 1 })
    const before = hubspot.counters()
    const { state, counts } = await watch(graph, { reads })
    const { requests, rateLimited } = hubspot.counters()
    console.log(state.report)
    const sent = sum(Object.values(requests)) - sum(Object.values(before.requests))
    // Some write 5,000 and some 5000.
    const told: readonly string[] = state.report?.replaceAll(/(?<=\d)[,.\s](?=\d{3})/g, '').match(/\d+/g) ?? []
    const figures: readonly string[] = outcome(state.records).match(/\d+/g) ?? []
    const wrong = reads.filter(({ key, id }) => state.records.results[key] !== id)
    console.log(`${sent} requests for ${READS} records; HubSpot refused ${rateLimited - before.rateLimited} of them`)
    return [
      ...(wrong.length === 0 ? [] : [`${wrong.length} records are missing or wrong`]),
      ...(Object.keys(state.records.failures).length === 0 ? [] : ['some records failed']),
      ...figures.filter((figure) => !told.includes(figure)).map((figure) => `the report does not say ${figure}`),
      ...(counts.rateLimited > 0 ? [] : ['nobody met the limit, so nothing was shown']),
      ...(sent <= READS * 1.05 ? [] : [`${sent} requests are too many for ${READS} records`]),
    ]
  },
})

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
