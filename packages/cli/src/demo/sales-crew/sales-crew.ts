/**
 * @module
 * The largest open deals, each worked on by a crew of its own, all at the same time: pages of deals, a fan-out, and a
 * lead who sums up. The account's gate keeps all branches within the system's limits.
 */
import {
  type BaseCheckpointSaver,
  END,
  type LangGraphRunnableConfig,
  ReducedValue,
  Send,
  START,
  StateGraph,
  StateSchema,
} from '@langchain/langgraph'
import { type CallPolicy, callTool, type McpConn, type RateGate } from '@quartermaster/client'
import { crew, type Model } from '@quartermaster/crew'
import { pagedValue, paginateNode, recordTools } from '@quartermaster/langgraph'
import { z } from 'zod'
import { dealDesk, Outcome, Target } from './deal-desk.ts'
import { salesDesk } from './sales-desk.ts'
import { salesScript } from './sales-script.ts'

export interface SalesCrewOptions {
  /** Through a URL of {@link salesDesk}. */
  readonly conn: McpConn
  readonly account: string
  readonly gate: RateGate
  /** A chat model or a name for `initChatModel`; a script plays all parts when it is left out. */
  readonly model?: Model
  readonly policy?: Partial<CallPolicy>
  /** Keeps the graph while a person looks at a write that the URL reserves; without it such a write is refused. */
  readonly checkpointer?: BaseCheckpointSaver
}

const Deal = z.object({
  id: z.string(),
  name: z.string(),
  amount: z.number().default(0),
  status: z.string(),
  account: z.object({ id: z.string() }).optional(),
  contacts: z.array(z.object({ id: z.string() })),
})

const Round = new StateSchema({
  /** How many deals, and a word that is new in each round. */
  top: z.number(),
  round: z.string(),
  deals: pagedValue(Deal),
  targets: z.array(Target).optional(),
  outcomes: new ReducedValue(
    z.array(Outcome).default(() => []),
    { inputSchema: z.array(Outcome), reducer: (before, more) => [...before, ...more] },
  ),
  memo: z.string().optional(),
})

/**
 * The graph. Invoke it with `{ top, round }`; its state ends with `targets`, `outcomes` and `memo`. Progress goes to the
 * custom stream.
 */
export async function salesCrew(options: SalesCrewOptions) {
  const { conn, account, gate, model = salesScript, policy = {}, checkpointer } = options
  const approveWrites = checkpointer !== undefined
  const tools = await recordTools(conn, { account, gate, policy, toolset: salesDesk, approveWrites })
  const desk = dealDesk(model, tools).compile()
  const lead = crew('lead', { model, inputs: z.object({ outcomes: z.array(Outcome) }) })
    .agent('lead', { role: 'the head of sales', goal: 'know in one sentence where the deals stand' })
    .task('memo', {
      agent: 'lead',
      prompt: ({ inputs }) =>
        `Sum up in one sentence:\n${inputs.outcomes
          .filter(({ written }) => written)
          .map(({ deal_id, next_step }) => `- deal ${deal_id}: ${next_step}`)
          .join('\n')}`,
    })
    .compile()

  return new StateGraph(Round)
    .addNode(
      'read_deals',
      paginateNode({
        into: 'deals',
        fetch: async (cursor, _state, config) => {
          const list = { name: 'list_all_hub_spot_opportunities', annotations: { readOnlyHint: true } }
          const outcome = await callTool(
            conn,
            list,
            { limit: '100', next_cursor: cursor },
            {
              account,
              gate,
              policy,
              onEvent: (event) => config.writer?.(event),
            },
          )
          if (!outcome.ok) throw outcome.error
          return z.object({ result: z.array(Deal), next_cursor: z.string().nullable() }).parse(outcome.envelope)
        },
      }),
    )
    .addNode('pick_largest', ({ deals, top, round }, config: LangGraphRunnableConfig) => {
      if (deals.stoppedBy !== 'end')
        throw new Error(`Cannot pick the largest deals: ${deals.error?.message ?? deals.stoppedBy}`)
      const targets = deals.items
        .flatMap(({ id, name, amount, status, account: company, contacts: [buyer] }): Target[] =>
          status === 'open' && company && buyer
            ? [
                {
                  id,
                  name,
                  amount,
                  account_id: company.id,
                  contact_id: buyer.id,
                  follow_up_email: `purchasing.${id}.${round}@example.com`,
                },
              ]
            : [],
        )
        .sort((a, b) => b.amount - a.amount)
        .slice(0, top)
      config.writer?.({ type: 'fan_out', deals: targets.length })
      return { targets }
    })
    .addNode('work_on_deal', async (target: Target, config: LangGraphRunnableConfig) => {
      const { out } = await desk.invoke({ inputs: target }, config)
      return { outcomes: [out.follow_up] }
    })
    .addNode('sum_up', async ({ outcomes }, config: LangGraphRunnableConfig) => {
      const { out } = await lead.invoke({ inputs: { outcomes } }, config)
      return { memo: out.memo }
    })
    .addEdge(START, 'read_deals')
    .addEdge('read_deals', 'pick_largest')
    .addConditionalEdges(
      'pick_largest',
      ({ targets = [] }) => targets.map((target) => new Send('work_on_deal', target)),
      ['work_on_deal'],
    )
    .addEdge('work_on_deal', 'sum_up')
    .addEdge('sum_up', END)
    .compile({ name: 'sales-crew', ...(checkpointer ? { checkpointer } : {}) })
}
