import { tool } from '@langchain/core/tools'
import { fakeModel } from 'langchain'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { crew } from './crew.ts'
import { type ScriptedTurn, scriptedModel } from './scripted-model.ts'

const inputs = z.object({})
const look = tool(() => 'nothing yet', { name: 'look', description: 'Looks', schema: z.object({}) })

/** Asks whoever it knows for as long as it has a tool at all. */
const asking = (name: string, heard: string[] = []) =>
  scriptedModel(({ tools, messages, results }: ScriptedTurn) => {
    heard.push(messages.at(-1)?.text ?? '')
    if (tools.length === 0) return 'I have to stop here.'
    return { calls: [{ name: `ask_${name}`, args: { question: `You decide (${results.length}).` } }] }
  })

test('two agents who only ask each other are stopped by a bound that names itself, far below maxIter for each', async () => {
  const heard: string[] = []
  const done = await crew('ping-pong', { model: asking('right', heard), inputs })
    .agent('right', { role: 'the right', goal: 'ask', model: asking('left'), tools: [look] })
    .agent('left', { role: 'the left', goal: 'ask', delegates: ['right'] })
    .task('task', { agent: 'left', prompt: 'Begin.' })
    .run({})
  expect(done.tasks.task).toBe('I have to stop here.')
  expect(heard.join('\n')).toContain(
    'Colleagues were asked 10 times for this task, which is all that maxQuestions allows',
  )
  expect(done.usage.modelCalls).toBe(10 * (1 + 4) + 3 + 1)
  const codes = done.toolFailures.map(({ agent, code }) => `${agent} ${code}`)
  expect(codes.filter((code) => code === 'right unknown_tool')).toHaveLength(30)
  expect(codes.filter((code) => code === 'left question_limit')).toHaveLength(3)
})

test('maxQuestions is for the task: side by side, and with the attempts after a refused answer', async () => {
  const right = scriptedModel(() => 'Yes.')
  const left = scriptedModel(({ results }) =>
    results.length > 0
      ? results.map(({ status }) => status).join(' ')
      : { calls: [1, 2].map((nth) => ({ name: 'ask_right', args: { question: `Is it ${nth}?` } })) },
  )
  const answers: string[] = []
  await crew('asking', { model: left, inputs })
    .agent('right', { role: 'the right', goal: 'answer', model: right })
    .agent('left', { role: 'the left', goal: 'ask', delegates: ['right'], maxQuestions: 3 })
    .task('task', {
      agent: 'left',
      prompt: 'Begin.',
      guard: (answer) => answers.push(answer) === 2 || 'Ask again',
    })
    .run({})
  expect(answers).toEqual(['success success', 'success error'])
})

test.each([0, 1.5])('maxQuestions: %s is refused', (maxQuestions) => {
  const base = crew('x', { model: fakeModel(), inputs })
  expect(() => base.agent('a', { role: 'a', goal: 'a', maxQuestions })).toThrow('maxQuestions of "a"')
})
