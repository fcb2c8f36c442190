/**
 * @module
 * The form of a task's answer: what a model is shown, and how what comes back is checked.
 */
import { z } from 'zod'
import type { Reply } from './ask-agent.ts'
import type { TaskPlan } from './crew-plan.ts'
import { type JsonSchema, withAllRequired, withoutAbsent } from './optional-members.ts'

export interface AnswerForm {
  /**
   * JSON Schema for the model; undefined when the answer is text. Members that may be left out are required and nullable
   * in it, so that a provider can hold a model to it.
   */
  readonly schema: Readonly<Record<string, unknown>> | undefined
  read(reply: Reply): { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly fault: string }
}

export function answerForm(task: Pick<TaskPlan, 'name' | 'output'>): AnswerForm {
  const { output } = task
  if (!output) return { schema: undefined, read: ({ text }) => check(z.string().min(1), text) }
  const { $schema: _, ...wanted } = z.toJSONSchema(output, { io: 'input', unrepresentable: 'any' })
  // A model hands in its answer as the arguments of a tool, and arguments are an object.
  const wrapped = wanted['type'] !== 'object'
  const { $defs, ...inner } = wanted
  const whole: JsonSchema = wrapped
    ? { type: 'object', properties: { answer: inner }, required: ['answer'], ...($defs ? { $defs } : {}) }
    : wanted
  return {
    schema: {
      ...withAllRequired(whole),
      title: `answer_${task.name}`,
      description: 'Hand in the finished answer. Null stands for what is not there.',
    },
    read: ({ structured }) => {
      const given = withoutAbsent(structured, whole)
      return check(output, wrapped ? z.object({ answer: z.unknown() }).safeParse(given).data?.answer : given)
    },
  }
}

function check(schema: z.ZodType, value: unknown): ReturnType<AnswerForm['read']> {
  const parsed = schema.safeParse(value)
  return parsed.success ? { ok: true, value: parsed.data } : { ok: false, fault: z.prettifyError(parsed.error) }
}
