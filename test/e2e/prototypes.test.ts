/** @module What a caller names `__proto__` or `constructor` changes nothing that others share, at any door. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { callTool, cliMain, openTestbed, serve } from '@quartermaster/testing/testbed'
import { expect, onTestFinished, test } from 'vitest'

const hostile = '"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}'

/** True when an object that nobody touched has what a hostile text tried to give to all. */
function isPolluted(): boolean {
  return 'polluted' in {} || 'polluted' in [] || 'polluted' in (() => {})
}

test('no JSON at any door pollutes a prototype', async () => {
  const testbed = await openTestbed({ quotaShare: false })
  onTestFinished(() => testbed.close())
  const { url } = await testbed.issue('hubspot', { methods: ['read', 'write'] })
  const headers = { authorization: `Bearer ${testbed.server.adminToken}`, 'content-type': 'application/json' }
  const send = async (path: string, body: string, method = 'POST') => {
    const { status } = await fetch(path, { method, headers, body })
    expect([path, status < 500, isPolluted()]).toEqual([path, true, false])
    return status
  }
  const call = (name: string, args: string, beside = '') =>
    `{"jsonrpc":"2.0","id":1,"method":"tools/call"${beside},"params":{"name":"${name}","arguments":{${args}}${beside}}}`
  const name = 'search_hub_spot_contacts'
  // The controls: pollution shows, and with the members beside it, an ordinary call is made.
  Object.defineProperty(Object.prototype, 'polluted', { value: 1, configurable: true })
  expect(isPolluted()).toBe(true)
  Reflect.deleteProperty(Object.prototype, 'polluted')
  expect(await send(url, call(name, `"limit":"1",${hostile}`))).toBe(200)
  await send(url, call(name, `"limit":"1"`, `,${hostile}`))
  await send(url, call('create_a_hub_spot_contact', `"email":"a@acme.com","first_name":{${hostile}},${hostile}`))
  await send(url, call('__proto__', hostile))
  await send(url, `{"jsonrpc":"2.0","id":1,"method":"initialize",${hostile},"params":{${hostile}}}`)
  expect(await send(`${url}/tools/${name}`, `{"limit":"1",${hostile}}`)).toBe(200)
  await send(`${url}/tools/constructor`, `{${hostile}}`)
  await send(`${url}/narrow`, `{"config":{${hostile}},${hostile}}`)
  const account = `/integrated-account/${testbed.accounts['hubspot']}`
  for (const path of [
    '/integrated-account',
    `${account}/mcp`,
    '/mcp-server',
    '/api-token',
    '/webhook-endpoint',
    '/connect-session',
  ])
    await send(
      testbed.server.url + path,
      `{"name":"x","tenant":"acme","config":{${hostile}},"grant":{${hostile}},${hostile}}`,
    )
  const asked = encodeURIComponent(`{${hostile}}`)
  expect((await testbed.admin('GET', `${account}/tools?config=${asked}`)).status).toBe(400)
  expect(isPolluted()).toBe(false)
})

test('the command takes __proto__ away from its process before anything else is loaded, and serves', async () => {
  const says = 'data:text/javascript,process.on("exit",()=>console.log("proto:","__proto__" in {}))'
  const run = (...args: string[]) => promisify(execFile)(process.execPath, ['--import', says, ...args])
  const { stdout } = await run('--conditions=quartermaster-source', cliMain, '--version')
  expect(stdout).toContain('proto: false')
  // The control: another program of this Node has it.
  expect((await run('--eval', '0')).stdout).toContain('proto: true')
  const server = await serve(['--sandbox'])
  onTestFinished(() => void server.child.kill())
  const headers = { authorization: `Bearer ${server.adminToken}`, 'content-type': 'application/json' }
  const listed = await fetch(`${server.url}/integrated-account`, { headers })
  const { result } = (await listed.json()) as { result: { id: string; system: string }[] }
  for (const { id } of result) {
    const body = '{"name":"x","config":{"methods":["read"]}}'
    const issued = await fetch(`${server.url}/integrated-account/${id}/mcp`, { method: 'POST', headers, body })
    const { token, tools } = (await issued.json()) as { token: string; tools: string[] }
    const first = tools.find((tool) => tool.startsWith('list_all_')) ?? ''
    expect(await callTool(server, token, first)).toMatchObject({ status: 200, value: { result: expect.any(Array) } })
  }
  expect(result.length).toBeGreaterThan(0)
})
