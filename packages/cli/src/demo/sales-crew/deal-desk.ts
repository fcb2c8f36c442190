/**
 * @module
 * The crew that works on one deal: a researcher reads the buyer and the company side by side, then the account
 * executive writes the next step and enters the follow-up contact.
 */
import type { StructuredTool } from '@langchain/core/tools'
import { crew, type Model } from '@quartermaster/crew'
import { z } from 'zod'

export const Target = z.object({
  id: z.string(),
  name: z.string(),
  amount: z.number(),
  account_id: z.string(),
  contact_id: z.string(),
  /** The address of the follow-up contact; one that nobody else has, so that a second contact would be noticed. */
  follow_up_email: z.string(),
})
export type Target = z.infer<typeof Target>

/** Nothing in an answer is optional: some providers hold a model to its form only when every member is required. */
const Buyer = z.object({ name: z.string(), title: z.string().nullable() })
const Company = z.object({ name: z.string(), industry: z.string().nullable() })
export const Outcome = z.object({
  deal_id: z.string(),
  next_step: z.string().describe('Word for word as you wrote it, or wanted to'),
  contact_id: z.string(),
  /** False when a person has refused the next step. */
  written: z.boolean(),
})
export type Outcome = z.infer<typeof Outcome>

export function dealDesk(model: Model, tools: readonly StructuredTool[]) {
  const named = (...names: string[]) => tools.filter(({ name }) => names.includes(name))
  return crew('deal-desk', { model, inputs: Target })
    .agent('researcher', {
      role: 'a sales researcher',
      goal: 'know who buys, from the records alone',
      tools: named('get_single_hub_spot_contact_by_id', 'get_single_hub_spot_account_by_id'),
      maxIter: 6,
    })
    .agent('executive', {
      role: 'an account executive',
      goal: 'every open deal has a next step that somebody can do tomorrow',
      tools: named('update_a_hub_spot_opportunity_by_id', 'create_a_hub_spot_contact'),
      maxIter: 6,
    })
    .task('buyer', {
      agent: 'researcher',
      needs: [],
      prompt: ({ inputs }) => `Read contact ${inputs.contact_id} and say who it is.`,
      output: Buyer,
    })
    .task('company', {
      agent: 'researcher',
      needs: [],
      prompt: ({ inputs }) => `Read account ${inputs.account_id} and say which company it is.`,
      output: Company,
    })
    .task('follow_up', {
      agent: 'executive',
      needs: ['buyer', 'company'],
      prompt: ({ inputs }) =>
        [
          `Deal ${inputs.id} is open. Do both, each exactly once:`,
          '- write its next_step: one sentence that names the buyer and what to agree on;',
          `- create the contact of the company's purchasing desk: first_name Purchasing, last_name Desk, email ${inputs.follow_up_email}, company as below.`,
          'A person may refuse the next step. Then leave the deal as it is, and say that it was not written.',
        ].join('\n'),
      output: Outcome,
      guard: ({ deal_id }, { inputs }) => deal_id === inputs.id || `Work on deal ${inputs.id}`,
      guardRetries: 0,
    })
}
