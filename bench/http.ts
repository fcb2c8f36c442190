/**
 * @module
 * What the server adds to a request: each kind of request beside a bare node:http handler, and a tool call beside the
 * same request sent to the system itself, all in one process and one run, one after the other. Prints a table, then one
 * line of JSON.
 */
import { subscribe } from 'node:diagnostics_channel'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { availableParallelism } from 'node:os'
import { openTestbed } from '@quartermaster/testing/testbed'

/** Whether it works is asked, not how fast it is: few rounds, no verdict. */
const TINY = process.argv.includes('--tiny')
const ROUNDS = TINY ? 1 : 200
const WARM_UP = TINY ? 0 : 100
/** Calls go round over several URLs, so that none meets the server's own limit. */
const URLS = 6
const SYSTEM = 'hubspot'
const TOOL = 'list_all_hub_spot_contacts'
const LIMIT = 20

type Run = (nth: number) => Promise<Response>

/** Answers with as much JSON as a page of records has, after parsing what came. */
async function bareServer(text: string): Promise<{ url: string; close: () => void }> {
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    JSON.parse(body)
    response.writeHead(200, { 'content-type': 'application/json' }).end(text)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close: () => server.close() }
}

const testbed = await openTestbed({
  silent: true,
  inbound: { ratePerS: 10_000, burst: 10_000 },
  vendorLimit: 10_000_000,
})
const { server, sandboxUrl } = testbed
const control = testbed.control(SYSTEM)
const auth = { authorization: `Bearer ${server.adminToken}`, 'content-type': 'application/json' }
const urls = await Promise.all(
  Array.from({ length: URLS }, async () => (await testbed.issue(SYSTEM, { methods: ['read', 'write'] })).url),
)

const headers = { ...auth, accept: 'application/json, text/event-stream' }
const modernMeta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
}

function rpc(method: string, params: object = {}): Run {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  return (nth) => fetch(urls[nth % URLS] ?? '', { method: 'POST', headers, body })
}

function modern(method: string, params: object = {}, name?: string): Run {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: modernMeta } })
  const more = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': method, ...(name ? { 'mcp-name': name } : {}) }
  return (nth) => fetch(urls[nth % URLS] ?? '', { method: 'POST', headers: { ...headers, ...more }, body })
}

// The very request that the server sends for the call, overheard while it makes one.
let heard = ''
subscribe('undici:request:create', (message) => {
  const { request } = message as { readonly request: { readonly origin: string; readonly path: string } }
  if (String(request.origin) === sandboxUrl) heard = request.path
})
const call = { name: TOOL, arguments: { limit: String(LIMIT) } }
const page = await (await rpc('tools/call', call)(0)).text()
const upstream = sandboxUrl + heard
const { accessToken } = control.signIn({ scope: 'crm.objects.contacts.read' })
const direct: Run = () => fetch(upstream, { headers: { authorization: `Bearer ${accessToken}` } })
const bare = await bareServer(page)
const hello = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'bench', version: '1' } }

const runs: { readonly [name: string]: Run } = {
  bare: () => fetch(bare.url, { method: 'POST', headers, body: JSON.stringify({ jsonrpc: '2.0', id: 1 }) }),
  initialize: rpc('initialize', hello),
  ping: rpc('ping'),
  'tools/list 2025-11-25': rpc('tools/list'),
  'tools/list 2026-07-28': modern('tools/list'),
  'tools over HTTP': (nth) => fetch(`${urls[nth % URLS]}/tools`, { headers }),
  'the system itself': direct,
  'tools/call 2025-11-25': rpc('tools/call', call),
  'tools/call 2026-07-28': modern('tools/call', call, TOOL),
  'call over HTTP': (nth) =>
    fetch(`${urls[nth % URLS]}/tools/${TOOL}`, { method: 'POST', headers, body: JSON.stringify(call.arguments) }),
}

const times = new Map<string, number[]>(Object.keys(runs).map((name) => [name, []]))
const bytes = new Map<string, number>()
for (let nth = 0; nth < WARM_UP + ROUNDS; nth += 1) {
  for (const [name, run] of Object.entries(runs)) {
    const start = performance.now()
    const response = await run(nth)
    const text = await response.text()
    if (nth >= WARM_UP) times.get(name)?.push(performance.now() - start)
    bytes.set(name, text.length)
    if (response.status !== 200 || text.includes('"isError":true')) throw new Error(`Cannot measure ${name}: ${text}`)
  }
  // The server's own limits refill with time; the bench keeps under them.
  if (nth % URLS === 0) await new Promise((resolve) => setTimeout(resolve, 60))
}
bare.close()
await testbed.close()

const median = (name: string) => (times.get(name) ?? []).sort((a, b) => a - b)[ROUNDS >> 1] ?? 0
const [base, system] = [median('bare'), median('the system itself')]
const rows = Object.keys(runs).map((name) => ({
  name,
  ms: Number(median(name).toFixed(3)),
  timesBare: Number((median(name) / base).toFixed(1)),
  bytes: bytes.get(name) ?? 0,
}))
console.log(`median of ${ROUNDS} requests, one after the other, client, server and system in one process`)
console.log('request                        ms   x bare     bytes')
for (const { name, ms, timesBare, bytes: size } of rows) {
  console.log(`${name.padEnd(24)}${String(ms).padStart(9)}${String(timesBare).padStart(9)}${String(size).padStart(10)}`)
}
const overhead = Object.fromEntries(
  ['tools/call 2025-11-25', 'tools/call 2026-07-28', 'call over HTTP'].map((name) => [
    name,
    Number((median(name) - system).toFixed(3)),
  ]),
)
for (const [name, ms] of Object.entries(overhead)) console.log(`${name} adds ${ms} ms to the direct request`)
console.log(
  JSON.stringify({
    bench: 'http',
    rounds: ROUNDS,
    node: process.version,
    cores: availableParallelism(),
    rows,
    overheadMs: overhead,
  }),
)
