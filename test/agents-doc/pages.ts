/** @module A snippet of docs/agents.md. */
import { END, MemorySaver, START, StateGraph, StateSchema } from '@langchain/langgraph'
import { callTool, connect, RateGate } from '@quartermaster/client'
import { pagedValue, paginateNode } from '@quartermaster/langgraph'
import { z } from 'zod'

const { CRM_URL = '', CRM_TOKEN: token = '', ACCOUNT: account = '' } = process.env
const gate = new RateGate()
const conn = await connect(CRM_URL, { token })
const Deal = z.object({ id: z.string(), amount: z.number().optional() })
const Page = z.object({ result: z.array(Deal), next_cursor: z.string().nullable() })
const list = { name: 'list_all_hub_spot_opportunities', annotations: { readOnlyHint: true } }

const graph = new StateGraph(new StateSchema({ deals: pagedValue(Deal), report: z.string().optional() }))
  .addNode(
    'read',
    paginateNode({
      into: 'deals',
      maxPages: 2,
      fetch: async (next_cursor, _state, { signal }) => {
        const outcome = await callTool(
          conn,
          list,
          { limit: '100', next_cursor },
          { account, gate, ...(signal && { signal }) },
        )
        if (!outcome.ok) throw outcome.error // kept in the state, with the cursor to go on from
        return Page.parse(outcome.envelope)
      },
    }),
  )
  .addNode('write', ({ deals }) => ({ report: `${deals.items.length} deals, stopped by ${deals.stoppedBy}` }))
  .addEdge(START, 'read')
  .addEdge('read', 'write')
  .addEdge('write', END)
  .compile({ checkpointer: new MemorySaver() })

const thread = { configurable: { thread_id: 'pipeline' } }
console.log((await graph.invoke({ report: '' }, thread)).report) // 200 deals, stopped by max_pages
console.log((await graph.invoke({ report: '' }, thread)).report) // 220 deals, stopped by end
await conn.close()
