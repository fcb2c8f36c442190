/**
 * @module
 * Server-side request forgery, counted at the socket: every spelling of an inside place on every way by which a
 * stranger can name one. Nothing inside may be connected to; with the defence off, the same harness must see it.
 */
import type { LookupAddress } from 'node:dns'
import { isIPv6 } from 'node:net'
import { connectAccount, createQuartermaster, issueApiToken, type LookupAll, oauthClient } from '@quartermaster/server'
import { pino } from 'pino'
import { insideSpellings, loopbackSpellings, names, publicAddresses } from './spellings.ts'
import { openSsrfTestbed, type SsrfTestbed } from './ssrf-testbed.ts'
import { type SocketWatch, watchSockets } from './watch-sockets.ts'

export interface SsrfResult {
  readonly spellings: number
  /** Requests that were tried, by the way that led to them. */
  readonly tried: Readonly<Record<string, number>>
  /** Connections to anything that is not public, begun or accepted, by way. All are 0 when the defence holds. */
  readonly connects: Readonly<Record<string, number>>
  /** Grants whose `instance_url` was such a spelling and that were stored all the same. */
  readonly grants_stored: number
  /** Webhook URLs that registration already refuses; the others are refused when something is sent. */
  readonly webhooks_refused_at_once: number
  /** The harness sees connections: with the option on, after a followed redirect, and when a check comes too early. */
  readonly control: {
    readonly option_on: number
    readonly redirect_followed: number
    readonly checked_before_resolving: number
    readonly public_addresses_tried: number
  }
  readonly holds: boolean
}

const REDIRECTS = [301, 302, 303, 307, 308] as const
const TIMEOUT_MS = 2_000
const FLIPPING = 'flip.attacker.example'

export async function proveSsrf(): Promise<SsrfResult> {
  const watch = await watchSockets()
  const resolver = testResolver()
  const testbed = await openSsrfTestbed(resolver.lookup)
  try {
    const spellings = [...new Set([...loopbackSpellings, ...insideSpellings])]
    const withPort = (scheme: string, all = spellings) => all.map((host) => `${scheme}://${host}:${watch.port}/x`)
    const urls = [...withPort('https'), ...withPort('http'), ...spellings.map((host) => `https://${host}/x`)]
    const tried: Record<string, number> = {}
    const connects: Record<string, number> = {}
    const measure = async (way: string, run: () => Promise<number>) => {
      await watch.reset()
      tried[way] = await run()
      await watch.settled()
      connects[way] = leaks(watch, testbed)
    }

    let stored = 0
    await measure('instance_url', async () => {
      for (const url of urls) stored += await grantLeadsTo(testbed, url)
      return urls.length
    })
    let refusedAtOnce = 0
    await measure('webhook', async () => {
      refusedAtOnce = await register(testbed, urls)
      return testbed.notify(urls, testbed.guarded)
    })
    await measure('redirect', () => redirects(testbed, urls))
    const inside = [...new Set(Object.values(names).flat())].filter((address) => !publicAddresses.includes(address))
    let publicTried = 0
    await measure('rebinding', async () => {
      const count = await rebind(testbed, resolver, inside, watch.port)
      publicTried = watch.attempts.filter(({ address }) => publicAddresses.includes(address)).length
      return count
    })

    const control = {
      option_on: 0,
      redirect_followed: 0,
      checked_before_resolving: 0,
      public_addresses_tried: publicTried,
    }
    await watch.reset()
    for (const url of withPort('http', [...loopbackSpellings])) await get(testbed.open, url)
    await watch.settled()
    control.option_on = watch.accepted()
    await watch.reset()
    testbed.reply = () => ({ status: 302, location: `http://127.0.0.1:${watch.port}/` })
    await fetch(testbed.url).catch(() => undefined)
    await watch.settled()
    control.redirect_followed = watch.accepted()
    await watch.reset()
    resolver.flip([[publicAddresses[0] ?? ''], ['127.0.0.1']])
    const [checked] = await resolver.resolve(FLIPPING)
    // The usual mistake: a good answer now, another one when the connection is made.
    if (checked === publicAddresses[0]) await get(testbed.open, `http://${FLIPPING}:${watch.port}/`)
    await watch.settled()
    control.checked_before_resolving = watch.accepted()

    const sees = Object.values(control).every((count) => count > 0) && control.option_on >= 30
    const clean = Object.values(connects).every((count) => count === 0) && stored === 0
    return {
      spellings: spellings.length,
      tried,
      connects,
      grants_stored: stored,
      webhooks_refused_at_once: refusedAtOnce,
      control,
      holds: sees && clean && spellings.length >= 60,
    }
  } finally {
    await testbed.close()
    await watch.close()
  }
}

/** The authority of the testbed is the one place that may be reached. */
function leaks({ attempts, accepted }: SocketWatch, { port }: SsrfTestbed): number {
  const begun = attempts.filter((attempt) => attempt.port !== port && !publicAddresses.includes(attempt.address))
  return begun.length + accepted()
}

async function get(upstream: SsrfTestbed['open'], url: string): Promise<void> {
  const request = { method: 'GET' as const, url, headers: { authorization: 'Bearer secret' } }
  await upstream.send(request, { timeoutMs: TIMEOUT_MS }).catch(expected)
}

/** A refusal or a broken connection is what is wanted here; a mistake of ours is not. */
function expected(error: unknown): void {
  if (!(error instanceof Error) || error.name !== 'UpstreamFault') throw error
}

/** The authority names `url` as the host of the grant; and had that been believed, the request would go there. */
async function grantLeadsTo(testbed: SsrfTestbed, url: string): Promise<number> {
  const { connector, ring, store } = testbed
  testbed.reply = () => ({
    status: 200,
    body: JSON.stringify({ access_token: 'at', refresh_token: 'rt', token_type: 'Bearer', instance_url: url, id: url }),
  })
  const outcome = await oauthClient(testbed.open).refresh({
    auth: connector.auth,
    endpoints: { token: `${testbed.url}/token` },
    app: { clientId: 'c', clientSecret: 's' },
    refreshToken: 'rt-0',
  })
  if (!outcome.ok) throw new Error(`Cannot get a grant that leads to ${url}`)
  const parts = { store: store.accounts, ring, now: Date.now, random: Math.random }
  const account = await connectAccount(parts, {
    tenant: 'acme',
    connector,
    label: 'CRM',
    answer: outcome.answer,
  }).catch((error: unknown) => {
    if (error instanceof Error && error.name === 'ConnectRefused') return undefined
    throw error
  })
  await get(testbed.guarded, url)
  return account === undefined ? 0 : 1
}

/** How many of these the route for webhook endpoints refuses. A tenant can have ten, so each is its own tenant's. */
async function register(testbed: SsrfTestbed, urls: readonly string[]): Promise<number> {
  const { store, ring, connector } = testbed
  const server = await createQuartermaster({
    store: { ...store, close: async () => {} },
    ring,
    catalog: new Map([[connector.id, connector]]),
    app: () => undefined,
    publicUrl: () => 'http://127.0.0.1',
    log: pino({ level: 'silent' }),
    background: false,
  })
  const token = await issueApiToken(
    store.apiTokens,
    { tenant: undefined, name: 'proof', scopes: ['admin'] },
    Date.now(),
  )
  let refused = 0
  for (const [index, url] of urls.entries()) {
    const response = await server.fetch(
      new Request('http://127.0.0.1/webhook-endpoint', {
        method: 'POST',
        headers: { host: '127.0.0.1', authorization: `Bearer ${token.secret}`, 'content-type': 'application/json' },
        body: JSON.stringify({ tenant: `w${index}`, url }),
      }),
    )
    if (response.status === 400) refused += 1
    else if (response.status !== 201) throw new Error(`Cannot register: ${response.status}`)
  }
  await server.close()
  return refused
}

/** A vendor, an authority and a receiver of webhooks that redirect; even the open way out must not follow. */
async function redirects(testbed: SsrfTestbed, urls: readonly string[]): Promise<number> {
  let tried = 0
  for (const [index, location] of urls.entries()) {
    testbed.reply = () => ({ status: REDIRECTS[index % REDIRECTS.length] ?? 302, location })
    await get(testbed.open, `${testbed.url}/vendor`)
    const outcome = await oauthClient(testbed.open).refresh({
      auth: testbed.connector.auth,
      endpoints: { token: `${testbed.url}/token` },
      app: { clientId: 'c', clientSecret: 's' },
      refreshToken: 'rt-0',
    })
    if (outcome.ok) throw new Error('Cannot be: a redirect gave a token')
    tried += 2
  }
  testbed.reply = ({ url = '' }) => {
    const index = Number(url.slice(1))
    return { status: REDIRECTS[index % REDIRECTS.length] ?? 302, location: urls[index] ?? '' }
  }
  return (
    tried +
    (await testbed.notify(
      urls.map((_, index) => `${testbed.url}/${index}`),
      testbed.open,
    ))
  )
}

/** A name that is public first and inside afterwards, and one that is both at once. */
async function rebind(
  testbed: SsrfTestbed,
  resolver: ReturnType<typeof testResolver>,
  inside: readonly string[],
  port: number,
): Promise<number> {
  const [v4 = '', v6 = ''] = publicAddresses
  let tried = 0
  for (const address of inside) {
    for (const answers of [[[v4], [address]], [[address, v4]], [[v6, address]], [[address], [v4, address, v6]]]) {
      resolver.flip(answers)
      for (let asked = 0; asked < answers.length; asked += 1) {
        await get(testbed.guarded, `https://${FLIPPING}:${port}/`)
        tried += 1
      }
    }
  }
  resolver.flip([[v4], ['127.0.0.1'], ['::1', v4]])
  return (
    tried +
    (await testbed.notify(
      [1, 2, 3].map((n) => `https://${FLIPPING}:${port}/${n}`),
      testbed.guarded,
    ))
  )
}

/** Answers from a table, and for one name what comes next in a row. */
function testResolver() {
  let row: string[][] = []
  const found = (hostname: string): readonly string[] => {
    if (hostname !== FLIPPING) return names[hostname.toLowerCase()] ?? []
    const [next = [], ...rest] = row
    row = [...rest, next]
    return next
  }
  const lookup: LookupAll = (hostname, _options, callback) => {
    const all = found(hostname).map((address): LookupAddress => ({ address, family: isIPv6(address) ? 6 : 4 }))
    const missing = Object.assign(new Error('No such name'), { code: 'ENOTFOUND' })
    setImmediate(() => (all.length === 0 ? callback(missing, []) : callback(null, all)))
  }
  return {
    lookup,
    resolve: async (hostname: string) => found(hostname),
    flip(answers: string[][]) {
      row = answers
    },
  }
}
