/**
 * @module
 * Turns armed faults into what a client sees: refusals, pages, halves of answers, silence.
 */
import type { MiddlewareHandler } from 'hono'
import type { Refusal, VendorEnv } from '../vendor.ts'
import type { Fault, FaultPlan } from './fault-plan.ts'

/** The call was handled and its answer was thrown away. In process it rejects like a broken `fetch`. */
export class ResponseDropped extends TypeError {
  override readonly name = 'ResponseDropped'
}

/** What playing faults takes. */
export interface FaultPlayer {
  readonly plan: FaultPlan
  readonly refuse: (refusal: Refusal) => Response
  readonly sleep: (ms: number) => Promise<void>
}

/** Plays the faults with a path pattern, or those without. */
export function playFaults({ plan, refuse, sleep }: FaultPlayer, patterned: boolean): MiddlewareHandler<VendorEnv> {
  return async (c, next) => {
    const hits = plan.hit({ method: c.req.method, path: c.req.path, patterned })
    for (const { kind, ms } of hits) if (kind === 'latency') await sleep(ms ?? 0)
    const fault = hits.find(({ kind }) => kind !== 'latency')
    const refused = fault && answerInstead(fault, refuse)
    if (refused) return refused
    await next()
    if (fault?.kind === 'truncated_json') c.res = await cutInHalf(c.res)
    if (fault?.kind === 'dropped_response') throw new ResponseDropped('Cannot read the answer: the connection was lost')
    return undefined
  }
}

function answerInstead(fault: Fault, refuse: (refusal: Refusal) => Response): Response | undefined {
  switch (fault.kind) {
    case 'rate_limit':
      return refuse({ kind: 'rate_limit', window: fault.window, retryAfterS: fault.retryAfterS })
    case 'daily_limit':
      return refuse({ kind: 'daily_limit' })
    case 'server_error':
      return refuse({ kind: 'server_error', status: fault.status ?? 500 })
    case 'html_error':
      return htmlError(fault.status ?? 502)
    default:
      return undefined
  }
}

function htmlError(status: number): Response {
  const body = `<html>\r\n<head><title>${status} Bad Gateway</title></head>\r\n<body><center><h1>${status} Bad Gateway</h1></center></body>\r\n</html>\r\n`
  return new Response(body, { status, headers: { 'content-type': 'text/html' } })
}

async function cutInHalf(response: Response): Promise<Response> {
  const text = await response.text()
  const { status, headers } = response
  return new Response(status === 204 ? null : text.slice(0, text.length >> 1), { status, headers })
}
