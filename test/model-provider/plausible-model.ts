/**
 * @module
 * Behaves like a model that was given the questions of the examples and the demo: it works through tools one step at a
 * time, reads what they answered, and words everything in its own way, which is not that of any script.
 */
import type { ChatAnswer, ChatCall, ChatRequest } from './chat.ts'

interface Turn {
  readonly question: string
  /** What tools have answered since the question, parsed where it is JSON. */
  readonly results: readonly Readonly<Record<string, unknown>>[]
  readonly tools: readonly string[]
  /** Hands in an answer in the form that was asked for. */
  readonly answer: (value: object) => ChatAnswer
}

const deals = 'list_all_hub_spot_opportunities'

/** What this model does with a question that contains the text. */
const habits: readonly (readonly [RegExp, (turn: Turn) => ChatAnswer])[] = [
  [/word: ready/, () => 'Ready!'],
  [/^Title/, () => '"Where our pipeline stands"'],
  [
    /comes first/,
    ({ results: [page] }) => (page ? `At the top of it is **${first(page)}**.` : [call(deals, { limit: 5 })]),
  ],
  [/Which stages/, stages],
  [/Look at deal/, look],
  [
    /records? were read/,
    ({ question }) => `All done! ${figures(question).reverse().join(' and ')}: that is the outcome.`,
  ],
  [/Read ticket/, situation],
  [/Triage ticket/, triage],
  [/Read contact/, (turn) => who(turn, 'get_single_hub_spot_contact_by_id', 'title')],
  [/Read account/, (turn) => who(turn, 'get_single_hub_spot_account_by_id', 'industry')],
  [/^Deal \d+ is open/, followUp],
  [/^Sum up/, ({ question }) => `We moved ${question.split('\n- ').length - 1} opportunities forward this round.`],
  [/pipeline stand/, ({ question }) => `The board should know:\n\n${report(question)}`],
]

/** @throws Error for a question that it was never told about. */
export function plausibleModel({ messages, tools, form }: ChatRequest): ChatAnswer {
  const at = messages.findLastIndex(({ role }) => role === 'user')
  const question = messages[at]?.content ?? ''
  const results = messages.slice(at + 1).flatMap(({ role, content }) => (role === 'tool' ? [parsed(content)] : []))
  const habit = habits.find(([asked]) => asked.test(question))?.[1]
  if (!habit) throw new Error(`nobody told this model what to do with: ${question.slice(0, 80)}`)
  const tool = tools.find((name) => name.startsWith('answer_'))
  const answer = (value: object) =>
    tool ? [call(tool, value)] : form ? JSON.stringify(value) : Object.values(value).join()
  return habit({ question, results, tools, answer })
}

function stages({ results: [page] }: Turn): ChatAnswer {
  if (!page) return [call('list_all_hub_spot_stages', {})]
  const names = list(page).map(({ name }) => name)
  return names.length === 0
    ? 'Sorry, the CRM did not let me look.'
    : `There are ${names.length}:\n- ${names.join('\n- ')}`
}

function look({ question, results }: Turn): ChatAnswer {
  const [next] = [...question.matchAll(/deal (\d+)/g)].map(([, id]) => Number(id)).slice(results.length)
  // One at a time, and ids as numbers: models do both.
  if (next !== undefined) return [call('get_single_hub_spot_opportunity_by_id', { id: next })]
  return `I have had a closer look. ${results.map((page) => one(page)['name']).join('; ')}.`
}

function situation({ question, results: [ticket, contact], answer }: Turn): ChatAnswer {
  if (!ticket) return [call('get_single_hub_spot_ticket_by_id', { id: idIn(question) })]
  const { subject, contact: asks } = one(ticket) as { subject?: string; contact?: { id: string } }
  if (asks && !contact) return [call('get_single_hub_spot_contact_by_id', { id: asks.id })]
  const { first_name = 'Somebody' } = contact ? one(contact) : {}
  return answer({
    contact_id: asks?.id ?? null,
    who: `A customer called ${first_name}`,
    problem: `It is about: ${subject}`,
  })
}

function triage({ question, results, answer }: Turn): ChatAnswer {
  const id = idIn(question)
  const [updated, note] = results
  if (!updated) return [call('update_a_hub_spot_ticket_by_id', { id, priority: 'HIGH' })]
  if (!note) return [call('create_a_hub_spot_note', { body: 'Please call back; this cannot wait.', ticket_id: id })]
  return answer({ ticket_id: id, priority: 'HIGH', note_id: String(one(note)['id']) })
}

function who({ question, results: [found], answer }: Turn, tool: string, detail: string): ChatAnswer {
  if (!found) return [call(tool, { id: idIn(question) })]
  const { name, first_name, last_name, [detail]: more = null } = one(found)
  return answer({ name: name ?? `${first_name} ${last_name}`, [detail]: more })
}

function followUp({ question, results, answer }: Turn): ChatAnswer {
  const id = idIn(question)
  const next_step = 'Call the buyer tomorrow and settle who signs.'
  const [updated, created] = results
  if (!updated) return [call('update_a_hub_spot_opportunity_by_id', { id, next_step })]
  const email = /email (\S+),/.exec(question)?.[1]
  if (!created) return [call('create_a_hub_spot_contact', { first_name: 'Purchasing', last_name: 'Desk', email })]
  return answer({ deal_id: id, next_step, contact_id: String(one(created)['id']), written: !('error' in updated) })
}

/** One line for each row of the table, amounts as people write them. */
function report(question: string): string {
  const rows = question.split('\n').map((line) => line.trim().split(/ {2,}/))
  return rows
    .flatMap(([system, stage, , count, amount]) =>
      amount ? [`* ${stage} (${system}): $${amount}, ${count} deals`] : [],
    )
    .join('\n')
}

const call = (name: string, args: object): ChatCall => ({ name, args: { ...args } })
const one = (page: Readonly<Record<string, unknown>>) => (page['result'] ?? {}) as Readonly<Record<string, unknown>>
const list = (page: Readonly<Record<string, unknown>>) =>
  (page['result'] ?? []) as readonly Readonly<Record<string, unknown>>[]
const first = (page: Readonly<Record<string, unknown>>) => list(page)[0]?.['name']
const idIn = (question: string) => /\d+/.exec(question)?.[0]
const figures = (text: string) => text.match(/\d[\d,]*[^;.\n]*/g) ?? []

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text)
  } catch {
    return { error: text }
  }
}
