/**
 * @module
 * A pipeline review over two systems: four readers side by side, one counter, one writer. Code reads and counts, because
 * sums must be exact; the model only puts them into words, and sees nothing else.
 */
import type { BaseChatModel } from '@langchain/core/language_models/chat_models'
import { HumanMessage, SystemMessage } from '@langchain/core/messages'
import { END, type LangGraphRunnableConfig, ReducedValue, START, StateGraph, StateSchema } from '@langchain/langgraph'
import { callTool, listAll, type McpConn, type RateGate } from '@quartermaster/client'
import type { Model } from '@quartermaster/crew'
import { pagedValue, paginateNode } from '@quartermaster/langgraph'
import { initChatModel } from 'langchain'
import { z } from 'zod'
import { analystScript } from './analyst-script.ts'
import { Deal, Figure, figuresTable, pipelineFigures, Stage } from './pipeline-figures.ts'

/** One system, through a URL of the analytics role. */
export interface CrmAccess {
  readonly conn: McpConn
  readonly account: string
}

export interface AnalyticsCrewOptions {
  readonly hubspot: CrmAccess
  readonly salesforce: CrmAccess
  readonly gate: RateGate
  /** A chat model or a name for `initChatModel`; a script plays the writer when it is left out. */
  readonly model?: Model
}

const stages = () =>
  new ReducedValue(
    z.record(z.string(), z.array(Stage)).default(() => ({})),
    {
      inputSchema: z.record(z.string(), z.array(Stage)),
      reducer: (known, more) => ({ ...known, ...more }),
    },
  )

const Review = new StateSchema({
  question: z.string(),
  hubspot: pagedValue(Deal),
  salesforce: pagedValue(Deal),
  stages: stages(),
  figures: z.array(Figure).optional(),
  report: z.string().optional(),
})

const readers = ['hubspot_deals', 'hubspot_stages', 'salesforce_deals', 'salesforce_stages'] as const

/**
 * The graph. Invoke it with `{ question }`; its state ends with `figures` and `report`. Progress goes to the custom
 * stream: pages as they are read, and what the calls wait for.
 */
export function analyticsCrew({ hubspot, salesforce, gate, model = analystScript }: AnalyticsCrewOptions) {
  const deals =
    (access: CrmAccess, tool: string) =>
    async (cursor: string | undefined, _state: object, config: LangGraphRunnableConfig) => {
      const args = { limit: '100', next_cursor: cursor }
      const read = { name: tool, annotations: { readOnlyHint: true } }
      const outcome = await callTool(access.conn, read, args, {
        account: access.account,
        gate,
        onEvent: toStream(config),
      })
      if (!outcome.ok) throw outcome.error
      return z.object({ result: z.array(Deal), next_cursor: z.string().nullable() }).parse(outcome.envelope)
    }
  const stagesOf =
    (system: string, access: CrmAccess, tool: string) => async (_state: object, config: LangGraphRunnableConfig) => {
      const listed = await listAll<Stage>(
        access.conn,
        tool,
        {},
        { account: access.account, gate, onEvent: toStream(config) },
      )
      if (listed.error) throw new Error(`Cannot review the pipeline: ${listed.error.message}`)
      return { stages: { [system]: z.array(Stage).parse(listed.items) } }
    }
  return new StateGraph(Review)
    .addNode(
      'hubspot_deals',
      paginateNode({ into: 'hubspot', fetch: deals(hubspot, 'list_all_hub_spot_opportunities') }),
    )
    .addNode('hubspot_stages', stagesOf('hubspot', hubspot, 'list_all_hub_spot_stages'))
    .addNode(
      'salesforce_deals',
      paginateNode({ into: 'salesforce', fetch: deals(salesforce, 'list_all_salesforce_opportunities') }),
    )
    .addNode('salesforce_stages', stagesOf('salesforce', salesforce, 'list_all_salesforce_stages'))
    .addNode('count', (state) => {
      for (const { stoppedBy, error } of [state.hubspot, state.salesforce]) {
        if (stoppedBy !== 'end')
          throw new Error(`Cannot count the deals: the list is incomplete (${error?.message ?? stoppedBy})`)
      }
      return {
        figures: [
          ...pipelineFigures('hubspot', state.stages['hubspot'] ?? [], state.hubspot.items),
          ...pipelineFigures('salesforce', state.stages['salesforce'] ?? [], state.salesforce.items),
        ],
      }
    })
    .addNode('write_report', async (state, config) => {
      const writer = await chatModel(model)
      const answer = await writer.invoke(
        [new SystemMessage(ROLE), new HumanMessage(`${state.question}\n\n${figuresTable(state.figures ?? [])}`)],
        config,
      )
      return { report: answer.text }
    })
    .addEdge(START, 'hubspot_deals')
    .addEdge(START, 'hubspot_stages')
    .addEdge(START, 'salesforce_deals')
    .addEdge(START, 'salesforce_stages')
    .addEdge([...readers], 'count')
    .addEdge('count', 'write_report')
    .addEdge('write_report', END)
    .compile({ name: 'analytics-crew' })
}

const ROLE =
  'You are a pipeline analyst. Write five lines for the board from these figures: system, stage, status, deals, sum. Write sums in full, as they stand there; use no figure that is not there.'

async function chatModel(model: Model): Promise<Pick<BaseChatModel, 'invoke'>> {
  return typeof model === 'string' ? initChatModel(model) : model
}

function toStream(config: LangGraphRunnableConfig): (event: object) => void {
  return (event) => config.writer?.(event)
}
