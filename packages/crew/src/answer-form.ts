/**
 * @module
 * The form of a task's answer: what a model is shown, and how what comes back is checked.
 */
import { z } from 'zod'
import type { Reply } from './ask-agent.ts'
import type { TaskPlan } from './crew-plan.ts'

export interface AnswerForm {
  /** JSON Schema for the model; undefined when the answer is text. */
  readonly schema: Readonly<Record<string, unknown>> | undefined
  read(reply: Reply): { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly fault: string }
}

export function answerForm(task: Pick<TaskPlan, 'name' | 'output'>): AnswerForm {
  const { output } = task
  if (!output) return { schema: undefined, read: ({ text }) => check(z.string().min(1), text) }
  const shown = z.toJSONSchema(output, {
    io: 'input',
    unrepresentable: 'any',
    // Providers that hold a model to a schema ask for this on every object (OpenAI, structured outputs).
    override: ({ jsonSchema }) => {
      if (jsonSchema.type === 'object' && jsonSchema.properties) jsonSchema.additionalProperties ??= false
    },
  })
  // A model hands in its answer as the arguments of a tool, and arguments are an object.
  const wrapped = shown.type !== 'object'
  const { $schema: _, ...form } = wrapped
    ? { type: 'object', properties: { answer: shown }, required: ['answer'], additionalProperties: false }
    : shown
  return {
    schema: { ...form, title: `answer_${task.name}`, description: 'Hand in the finished answer.' },
    read: ({ structured }) => {
      if (!wrapped) return check(output, structured)
      return check(output, z.object({ answer: z.unknown() }).safeParse(structured).data?.answer)
    },
  }
}

function check(schema: z.ZodType, value: unknown): ReturnType<AnswerForm['read']> {
  const parsed = schema.safeParse(value)
  return parsed.success ? { ok: true, value: parsed.data } : { ok: false, fault: z.prettifyError(parsed.error) }
}
