/**
 * @module
 * Runs a call through the pipeline and renders its answer for any transport. An unexpected error becomes a failure
 * that tells nothing of it.
 */
import { FailureError, fail } from '@quartermaster/protocol'
import { type Call, refuse } from '../pipeline/call.ts'
import { type Rendered, render } from '../pipeline/render.ts'
import { internalError } from './endpoint-log.ts'
import type { McpEndpointOptions } from './endpoint-options.ts'

/** Invokes and renders. Never rejects. */
export async function renderCall(
  { invoke, log }: Pick<McpEndpointOptions, 'invoke' | 'log'>,
  call: Call,
  wantRateLimit = false,
): Promise<Rendered> {
  try {
    return render(call, await invoke(call), { wantRateLimit })
  } catch (error) {
    if (error instanceof FailureError) return render(call, refuse(error.failure))
    log?.(internalError(call.requestId, error))
    const advice = 'Do not repeat the call. Report the request_id to the operator.'
    const failure = fail('internal', 'Cannot complete the call: an internal error happened.', advice, {
      requestId: call.requestId,
    })
    return render(call, refuse(failure))
  }
}
