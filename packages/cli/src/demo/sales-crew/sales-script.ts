/**
 * @module
 * Plays the parts of researcher, account executive and lead without a model: a fixed decision for each question.
 */
import { type ScriptedTurn, scriptedModel } from '@quartermaster/crew'
import { z } from 'zod'

const envelope = z.object({ result: z.record(z.string(), z.unknown()) })
const failure = z.object({ error: z.object({ code: z.string(), message: z.string() }) })
const refused = ({ status, text }: { status?: string; text: string }) =>
  status === 'error' && failure.safeParse(JSON.parse(text)).data?.error.code === 'approval_refused'

export const salesScript = scriptedModel((turn) => {
  const { question, results } = turn
  const failed = results.find((result) => result.status === 'error' && !refused(result))
  if (failed) return failure.safeParse(JSON.parse(failed.text)).data?.error.message ?? 'A tool failed.'
  if (turn.tools.includes('answer_buyer'))
    return research(turn, 'get_single_hub_spot_contact_by_id', 'answer_buyer', 'title')
  if (turn.tools.includes('answer_company'))
    return research(turn, 'get_single_hub_spot_account_by_id', 'answer_company', 'industry')
  if (turn.tools.includes('answer_follow_up')) return followUp(turn)
  return `${question.split('\n').filter((line) => line.startsWith('- ')).length} deals have a next step and a contact at the purchasing desk. Start with the largest.`
})

function research({ question, results }: ScriptedTurn, tool: string, answer: string, detail: string) {
  const [found] = results
  if (!found) return { calls: [{ name: tool, args: { id: /\d+/.exec(question)?.[0] } }] }
  const { result } = envelope.parse(JSON.parse(found.text))
  const name = result['name'] ?? [result['first_name'], result['last_name']].filter(Boolean).join(' ')
  return { calls: [{ name: answer, args: { name, [detail]: result[detail] ?? null } }] }
}

function followUp({ question, results }: ScriptedTurn) {
  const known = JSON.parse(question.slice(question.lastIndexOf('\n') + 1))
  const { buyer, company } = z
    .object({ buyer: z.object({ name: z.string() }), company: z.object({ name: z.string() }) })
    .parse(known)
  const id = /Deal (\d+)/.exec(question)?.[1] ?? ''
  const email = /email (\S+),/.exec(question)?.[1] ?? ''
  const next_step = `Agree the order date with ${buyer.name}, then send the contract to purchasing.`
  const created = results.find(({ name }) => name === 'create_a_hub_spot_contact')
  if (created) {
    const { result } = envelope.parse(JSON.parse(created.text))
    const written = !results.some(refused)
    return {
      calls: [
        { name: 'answer_follow_up', args: { deal_id: id, next_step, contact_id: String(result['id']), written } },
      ],
    }
  }
  return {
    calls: [
      { name: 'update_a_hub_spot_opportunity_by_id', args: { id, next_step } },
      {
        name: 'create_a_hub_spot_contact',
        args: { first_name: 'Purchasing', last_name: 'Desk', email, company: company.name },
      },
    ],
  }
}
