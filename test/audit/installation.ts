/**
 * @module
 * The faked vendor, one connected account, one tool URL, and how to call it: what the proofs of the audit have in common.
 */

import { admin } from '@quartermaster/testing/testbed'
import { type connectSandboxAccounts, startSandbox } from 'quartermaster'

export const READ = 'list_all_hub_spot_contacts'
export const WRITE = 'create_a_hub_spot_contact'
export const SEARCH = 'search_hub_spot_contacts'

export interface Target {
  readonly url: string
  readonly adminToken: string
}

export interface Called {
  /** The answer said that it was done. */
  readonly acknowledged: boolean
  readonly code: string
  readonly ms: number
}

export async function openVendor() {
  const { sandbox, url, stop } = await startSandbox({ port: 0 })
  const control = sandbox.control('acme', 'hubspot')
  for (const name of Object.keys(control.windows())) control.setWindow(name, { limit: 10_000_000 })
  const requests = () => Object.values(control.counters().requests).reduce((sum, n) => sum + n, 0)
  return { control, url, stop, requests }
}

/** A URL with every tool, for the account of the faked vendor. */
export async function issueUrl(target: Target, accounts: Awaited<ReturnType<typeof connectSandboxAccounts>>) {
  const account = accounts.find(({ system }) => system === 'hubspot')
  const issued = await admin(target, 'POST', `/integrated-account/${account?.id}/mcp`, {
    name: 'proof',
    config: { methods: ['read', 'write'] },
  })
  if (issued.status !== 201) throw new Error(`Cannot issue a URL: ${issued.status}`)
  return {
    token: String(issued.body['token']),
    serverId: String(issued.body['id']),
    accountId: String(account?.id),
  }
}

/** Asks for the tools of the URL, and of the account, at every door; whatever is answered. */
export async function listTools(target: Target, token: string, accountId: string): Promise<void> {
  const headers = { authorization: `Bearer ${target.adminToken}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' })
  const answers = await Promise.all([
    fetch(`${target.url}/mcp/${token}`, { method: 'POST', headers, body }),
    fetch(`${target.url}/mcp/${token}/tools`, { headers }),
    fetch(`${target.url}/integrated-account/${accountId}/tools?role=sales`, { headers }),
  ])
  await Promise.all(answers.map((answer) => answer.text()))
}

export async function call(target: Target, token: string, name: string, args: object): Promise<Called> {
  const startedAt = performance.now()
  const done = (acknowledged: boolean, code: string): Called => ({
    acknowledged,
    code,
    ms: performance.now() - startedAt,
  })
  try {
    const response = await fetch(`${target.url}/mcp/${token}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${target.adminToken}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } }),
    })
    const body = (await response.json()) as { result?: { isError?: boolean; content: { text: string }[] } }
    if (!body.result) return done(false, `http_${response.status}`)
    const value = JSON.parse(body.result.content[0]?.text ?? '{}') as { error?: { code: string } }
    return body.result.isError ? done(false, value.error?.code ?? '') : done(true, 'ok')
  } catch {
    return done(false, 'gone')
  }
}

/** Nobody has this address, so whoever finds the digest of it has found this call. */
export const sought = (n: number) => ({ email: `sought-${n}@proof.example.com`, limit: 7 })

export const person = (n: number) => ({
  email: `person-${n}@proof.example.com`,
  first_name: `Canary${n}`,
  last_name: 'Proof',
})
