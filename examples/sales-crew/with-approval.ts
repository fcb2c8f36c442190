/**
 * @module
 * Runs a graph whose writes wait for a person: asks for each, many at once, and goes on until nothing waits any more.
 */
import { Command } from '@langchain/langgraph'
import type { ApprovalDecision, ApprovalRequest } from '@quartermaster/langgraph'
import { z } from 'zod'

interface Invocable<S> {
  invoke(input: never, config: never): Promise<S>
}

export interface Approved<S> {
  readonly state: S
  readonly granted: number
  readonly refused: number
}

const waiting = z.array(z.object({ id: z.string(), value: z.looseObject({ kind: z.literal('approval') }) })).default([])

/** @param person what somebody says who is shown the change; `nth` counts from 1 */
export async function withApproval<S>(
  graph: Invocable<S>,
  input: object,
  config: object,
  person: (asked: ApprovalRequest, nth: number) => Omit<ApprovalDecision, 'handle'>,
): Promise<Approved<S>> {
  const given: ApprovalDecision[] = []
  let next: object = input
  for (;;) {
    const state = await graph.invoke(next as never, config as never)
    const asked = waiting.parse(Reflect.get(Object(state), '__interrupt__'))
    if (asked.length === 0) {
      const granted = given.filter(({ approve }) => approve).length
      return { state, granted, refused: given.length - granted }
    }
    const answers = asked.map(({ id, value }): [string, ApprovalDecision] => {
      const shown = value as unknown as ApprovalRequest
      const answer = { ...person(shown, given.length + 1), handle: shown.approval.handle }
      given.push(answer)
      return [id, answer]
    })
    // Side by side branches wait side by side; each gets the answer to its own question.
    next = new Command({ resume: Object.fromEntries(answers) })
  }
}
