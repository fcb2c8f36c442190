import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createTestDatabase, testDatabaseServer } from '@quartermaster/testing'
import { openTestbed, type Testbed } from '@quartermaster/testing/testbed'
import { roles } from '@quartermaster/toolsets'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type ChatAnswer, type ChatRequest, modelProvider } from '../model-provider/model-provider.ts'

const doc = readFileSync(new URL('../../docs/agents.md', import.meta.url), 'utf8')
const snippets = [
  'issue',
  'agent',
  'pages',
  'approve',
  'checkpoint',
  'crew',
  'quota',
  'one-machine',
  'many-machines',
] as const
type Snippet = (typeof snippets)[number]
const fileOf = (name: Snippet) => new URL(`./${name}.ts`, import.meta.url).pathname

let testbed: Testbed
/** What an agent has beside its URL. */
let runtimeToken: string
beforeAll(async () => {
  testbed = await openTestbed()
  runtimeToken = await runtimeTokenOf(testbed)
})
afterAll(() => testbed.close())

test.each(snippets)('docs/agents.md shows the snippet that runs here: %s', (name) => {
  const code = readFileSync(fileOf(name), 'utf8').replace(/^\/\*\*.*\*\/\n/, '')
  expect(doc).toContain(`\`\`\`ts\n${code}\`\`\``)
})

test('docs/agents.md has no other TypeScript than what runs here', () => {
  expect(doc.match(/```ts\n/g)).toHaveLength(snippets.length)
})

test('the examples of the reference do not connect with what may be undefined', () => {
  for (const name of ['client', 'toolsets']) {
    const page = readFileSync(new URL(`../../docs/api/${name}.md`, import.meta.url), 'utf8')
    expect(page).not.toMatch(/(connect|adminClient)\(.*process\.env\.\w/)
  }
})

async function runtimeTokenOf(of: Testbed): Promise<string> {
  const { body } = await of.admin('POST', '/api-token', { tenant: 'acme', name: 'agent', scopes: ['runtime'] })
  return (body as { token: string }).token
}

async function run(name: Snippet, answer: (request: ChatRequest) => ChatAnswer, url = '', env = {}) {
  const provider = await modelProvider(answer)
  try {
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ['--conditions=quartermaster-source', fileOf(name)],
      {
        env: {
          ...process.env,
          QUARTERMASTER_URL: testbed.server.url,
          // Only the operator's step has it.
          QUARTERMASTER_ADMIN_TOKEN: name === 'issue' ? testbed.server.adminToken : undefined,
          CRM_TOKEN: runtimeToken,
          ACCOUNT: testbed.accounts['hubspot'],
          CRM_URL: url,
          OPENAI_API_KEY: 'test',
          OPENAI_BASE_URL: provider.url,
          ...env,
        },
      },
    )
    return { stdout, stderr, asked: provider.asked }
  } finally {
    provider.close()
  }
}

const urlFor = async (role: keyof typeof roles) => (await testbed.issue('hubspot', roles[role].spec)).url
const toolText = ({ messages }: ChatRequest) => messages.findLast(({ role }) => role === 'tool')?.content

test('issue and agent: a role-scoped agent answers from a live record whose address is masked', async () => {
  const { stdout } = await run('issue', () => '')
  const url = stdout.trim()
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/mcp\/\w+$/)
  const read = [{ name: 'get_single_hub_spot_contact_by_id', args: { id: '501' } }]
  const asked = await run('agent', (request) => toolText(request) ?? read, url)
  const email = String(testbed.control('hubspot').record('contacts', '501')?.values['email'])
  const domain = email.slice(email.indexOf('@'))
  expect(asked.stdout).toContain(`***${domain}`)
  expect(asked.stdout).not.toContain(email)
  expect(asked.stderr).toBe('')
})

test('pages: the second visit goes on from the stored cursor', async () => {
  const { stdout } = await run('pages', () => '', await urlFor('analytics'))
  const all = testbed
    .control('hubspot')
    .records('deals')
    ?.filter(({ archived }) => !archived).length
  expect(stdout).toBe(`200 deals, stopped by max_pages\n${all} deals, stopped by end\n`)
})

test('approve: the write waits for a person, and is made once they have said yes', async () => {
  const update = [{ name: 'update_a_hub_spot_opportunity_by_id', args: { id: '3001', next_step: 'call' } }]
  const nextStep = () => testbed.control('hubspot').record('deals', '3001')?.values['hs_next_step']
  expect(nextStep()).not.toBe('call')
  const { url } = await testbed.issue('hubspot', roles.sales.approve(['write']).spec)
  const { stdout } = await run('approve', (request) => (toolText(request) === undefined ? update : 'Done.'), url)
  expect(stdout).toContain("field: 'next_step', to: 'call'")
  expect(stdout.trim().endsWith('Done.')).toBe(true)
  expect(nextStep()).toBe('call')
})

test('checkpoint: the program that was interrupted goes on when it is started again, and pays for no call twice', async ({
  skip,
}) => {
  skip(testDatabaseServer === undefined, 'QUARTERMASTER_TEST_DATABASE_URL is not set')
  const database = await createTestDatabase()
  // What is tried is the agent side: a server that keeps the account's budget would hold the second call as well.
  const unheld = await openTestbed({ quotaShare: false })
  onTestFinished(async () => {
    await unheld.close()
    await database.drop()
  })
  const { url } = await unheld.issue('hubspot', roles.support.spec)
  // The server asks for the account's fields once; what is to be refused is the agent's own call.
  await unheld.rpc(url, 'tools/list')
  await unheld.call(url, 'get_single_hub_spot_contact_by_id', { id: '502' })
  unheld.control('hubspot').arm({ kind: 'daily_limit', times: 1 })
  const env = { DATABASE_URL: database.url, CRM_TOKEN: await runtimeTokenOf(unheld) }
  const read = [{ name: 'get_single_hub_spot_contact_by_id', args: { id: '501' } }]
  const answer = (request: ChatRequest) => (toolText(request) === undefined ? read : 'Somebody.')
  const first = await run('checkpoint', answer, url, env)
  expect(first.stdout).toBe('Start me again in 3600 s.\n')
  const second = await run('checkpoint', answer, url, env)
  expect(second.stdout).toBe('Somebody.\n')
  expect([first.asked.length, second.asked.length]).toEqual([1, 1])
})

test('crew: typed answers, and a form that a provider can hold the model to strictly', async () => {
  const list = [{ name: 'list_all_hub_spot_opportunities', args: { limit: '10' } }]
  const { stdout, stderr, asked } = await run(
    'crew',
    (request) => {
      const page = toolText(request)
      if (request.messages.at(-1)?.content.includes('Say that')) return 'Ten deals.'
      if (page === undefined) return list
      const deals = (JSON.parse(page) as { result: { amount?: number }[] }).result
      const worth = deals.reduce((sum, { amount = 0 }) => sum + amount, 0)
      return JSON.stringify({ deals: deals.length, worth, doubts: null })
    },
    await urlFor('analytics'),
  )
  const held = testbed.control('hubspot').records('deals')?.slice(0, 10) ?? []
  const worth = held.reduce((sum, { values }) => sum + Number(values['amount'] ?? 0), 0)
  expect(stdout).toBe(`{ deals: 10, worth: ${worth} } Ten deals. 3\n`)
  expect(stderr).toContain('numbers: analyst calls list_all_hub_spot_opportunities')
  const form = asked[0]?.form
  expect(form?.strict).toBe(true)
  expect(form?.schema).toMatchObject({ required: ['deals', 'worth', 'doubts'], additionalProperties: false })
})

test('quota: one call through a gate', async () => {
  const { stdout, stderr } = await run('quota', () => '', await urlFor('support'))
  expect(stdout).toContain("id: '501'")
  expect(stdout).toContain('inFlight: 0')
  expect(stderr).toBe('')
})

test.each(['one-machine', 'many-machines'] as const)('%s: the gates are made as the guide makes them', async (name) => {
  const directory = mkdtempSync(join(tmpdir(), 'gate-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const servers = { DATABASE_URL: 'postgres://127.0.0.1:9/none', REDIS_URL: 'redis://127.0.0.1:9' }
  const { stdout, stderr } = await run(name, () => '', '', { GATE_FILE: join(directory, 'gate.db'), ...servers })
  expect(stdout + stderr).toBe('')
})
