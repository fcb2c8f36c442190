/**
 * @module
 * The custom events that a display understands, read out of whatever a graph writes to its stream. Names come from
 * servers too, so what could steer a terminal is taken out of them here, once.
 */
import { z } from 'zod'

/** A terminal is steered by control characters, and text by bidi marks (Unicode TR 36 §2.10). */
const name = z.string().transform((text) => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '').slice(0, 64))
const milliseconds = z.number().min(0)
const place = { task: name, agent: name }
const call = { tool: name, account: name, toolCallId: z.string().optional() }

const progressEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('task_started'), ...place }),
  z.object({ type: z.literal('task_ended'), ok: z.boolean(), ...place }),
  z.object({ type: z.literal('answer_refused'), attempt: z.number(), attempts: z.number(), ...place }),
  z.object({ type: z.literal('model_paced'), waitMs: milliseconds, ...place }),
  z.object({ type: z.literal('model_call'), ...place }),
  z.object({ type: z.literal('model_answer'), inputTokens: z.number(), outputTokens: z.number(), ...place }),
  z.object({ type: z.literal('tool_started'), tool: name, toolCallId: z.string(), ...place }),
  z.object({ type: z.literal('tool_ended'), tool: name, toolCallId: z.string(), ok: z.boolean(), ...place }),
  z.object({ type: z.literal('tool_call'), ...call }),
  z.object({ type: z.literal('waiting'), reason: name, waitMs: milliseconds, ...call }),
  z.object({ type: z.literal('rate_limited'), waitMs: milliseconds, retryAfterS: z.number().optional(), ...call }),
  z.object({ type: z.literal('sla_exceeded'), ms: milliseconds, slaMs: milliseconds, ...call }),
  z.object({ type: z.literal('retry'), code: name, waitMs: milliseconds, ...call }),
  z.object({ type: z.literal('tool_result'), ok: z.boolean(), ms: milliseconds, code: name.optional(), ...call }),
  z.object({
    type: z.literal('quota'),
    account: name,
    scope: name.optional(),
    limit: z.number().optional(),
    remaining: z.number().optional(),
    reset: z.number().optional(),
  }),
  z.object({ type: z.literal('page'), into: name, pages: z.number(), items: z.number() }),
  z.object({ type: z.literal('mapped'), node: name, branch: z.number(), done: z.number(), total: z.number() }),
])

/** An event of the graph's custom stream that the display understands. */
export type ProgressEvent = z.infer<typeof progressEvent>

/** The event, or undefined for anything that is none of ours. */
export function readProgress(value: unknown): ProgressEvent | undefined {
  return progressEvent.safeParse(value).data
}
