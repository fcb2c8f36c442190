import { readdirSync, readFileSync } from 'node:fs'
import { readyModel } from '@quartermaster/crew'
import { initChatModel } from 'langchain'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { type ChatAnswer, type ChatRequest, modelProvider } from '../model-provider/model-provider.ts'
import { plausibleModel } from '../model-provider/plausible-model.ts'
import { npmRun } from './run-example.ts'

const folder = new URL('../../examples/', import.meta.url)
const examples = readdirSync(folder, { withFileTypes: true }).flatMap((each) => (each.isDirectory() ? [each.name] : []))
const LONG_MS = 300_000

async function provided(answer: (request: ChatRequest) => ChatAnswer = plausibleModel) {
  // Models think for different times, so branches do not move in step.
  const provider = await modelProvider(answer, { thinkMs: (nth) => (nth * 37) % 150 })
  onTestFinished(() => void provider.close())
  return { ...provider, env: { OPENAI_API_KEY: 'test', OPENAI_BASE_URL: provider.url } }
}

beforeEach(() => {
  vi.stubEnv('OPENAI_API_KEY', undefined)
  vi.stubEnv('OPENAI_BASE_URL', undefined)
})
afterEach(() => {
  vi.unstubAllEnvs()
})

test.for(examples)(
  '%s comes out right with a model that was never told our words',
  { timeout: LONG_MS },
  async (name) => {
    const { env, asked } = await provided()
    const { code, stdout, stderr } = await npmRun(['examples', name, '--model', 'openai:test-model'], env)
    expect(stderr).not.toContain('Wrong')
    expect(code).toBe(0)
    expect(stdout).not.toContain('SCRIPTED')
    expect(readFileSync(new URL(`${name}/README.md`, folder), 'utf8')).toContain(
      `npm run examples -- ${name}    # add --model `,
    )
    // The first question is whether there is a model at all; it must have been given a part beside.
    expect(asked.length).toBeGreaterThan(1)
  },
)

test('the demo comes out right with models that take either protocol', { timeout: LONG_MS }, async () => {
  const told = async (model: string) => {
    const { env, asked } = await provided()
    const { code, stdout, stderr } = await npmRun(['demo', '--model', model], env)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(`the model is ${model}`)
    expect(stdout).toContain('We moved 8 opportunities forward')
    expect(asked.length).toBeGreaterThan(50)
    return asked
  }
  // A provider that is known to hold models to a form is asked to, and others get a tool to answer with.
  const [held, free] = await Promise.all([told('openai:gpt-5.5'), told('openai:test-model')])
  expect(held.some(({ form }) => form?.strict)).toBe(true)
  expect(free.some(({ tools }) => tools.includes('answer_follow_up'))).toBe(true)
})

test('a model that reports a sum which nobody counted is found out', { timeout: LONG_MS }, async () => {
  const { env } = await provided((request) =>
    request.messages.some(({ content }) => content.includes('pipeline stand'))
      ? 'It stands well.'
      : plausibleModel(request),
  )
  const { code, stderr } = await npmRun(['examples', 'analytics-crew', '--model', 'openai:test-model'], env)
  expect(stderr).toContain('the report has none of the sums')
  expect(code).toBe(1)
})

test('the provider of these tests streams as well: texts in words, calls in pieces', async () => {
  const { url } = await provided()
  const model = await initChatModel('openai:test-model', { apiKey: 'test', configuration: { baseURL: url } })
  const words: string[] = []
  for await (const { text } of await model.stream('Look at deal 7.')) words.push(text)
  expect(words.join('')).toBe('')
  const calling = await model.stream('Look at deal 7.')
  const calls = []
  for await (const chunk of calling) calls.push(...(chunk.tool_call_chunks ?? []))
  expect(calls.map(({ args }) => args).join('')).toBe('{"id":7}')
  const said: string[] = []
  for await (const { text } of await model.stream('Sum up:\n- one\n- two')) said.push(text)
  expect(said.length).toBeGreaterThan(4)
  expect(said.join('')).toBe('We moved 2 opportunities forward this round.')
})

const faults = [
  { what: 'no key', model: 'openai:test-model', says: 'there is no key. Set OPENAI_API_KEY' },
  {
    what: 'a provider whose package is missing',
    model: 'anthropic:test-model',
    says: "its provider's package is not installed. Run: npm install @langchain/anthropic",
  },
  { what: 'no provider', model: 'test-model', says: 'Name it as <provider>:<model>, such as openai:gpt-5.5' },
]

test.for(faults)('$what is said at once, with what to do', async ({ model, says }) => {
  await expect(readyModel(model)).rejects.toThrow(`Cannot use the model ${model}: `)
  await expect(readyModel(model)).rejects.toThrow(says)
})

test('a provider that nobody can reach is said at once', async () => {
  vi.stubEnv('OPENAI_API_KEY', 'test')
  vi.stubEnv('OPENAI_BASE_URL', 'http://127.0.0.1:9/v1')
  await expect(readyModel('openai:test-model')).rejects.toThrow(
    'Cannot use the model openai:test-model: Connection error',
  )
})

test('a run that is cancelled does not wait for the model', async () => {
  const { url } = await provided(() => 'Ready')
  vi.stubEnv('OPENAI_API_KEY', 'test')
  vi.stubEnv('OPENAI_BASE_URL', url)
  const reason = new Error('enough')
  await expect(readyModel('openai:test-model', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
})

test.for([
  ['demo', '--model', 'openai:test-model'],
  ['examples', 'state-graph', '--model', 'openai:test-model'],
  ['examples', 'sales-crew', '--model', 'openai:test-model'],
  ['examples', 'analytics-crew', '--model', 'openai:test-model'],
])('npm run %s %s … without a key ends with one readable line', async (args) => {
  const { code, stderr } = await npmRun(args, { OPENAI_API_KEY: undefined })
  expect(code).toBe(1)
  expect(stderr.trim().split('\n')).toHaveLength(1)
  expect(stderr).toContain('Cannot use the model openai:test-model: there is no key. Set OPENAI_API_KEY')
})
