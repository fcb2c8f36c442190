/**
 * @module
 * A real Chromium without a window, driven by its DevTools protocol over one WebSocket: pages, keys, pictures, and
 * everything it fetched or complained about.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Undefined on a machine without one; Debian's package `chromium` brings it. */
export const chromiumPath: string | undefined = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find(existsSync)

type Json = Readonly<Record<string, unknown>>

export interface Cookie {
  readonly name: string
  readonly path: string
  readonly httpOnly: boolean
  readonly secure: boolean
  readonly sameSite?: string
  readonly expires: number
}

export interface Tab {
  /** Every URL that was requested, in order. */
  readonly requested: string[]
  /** Console errors, exceptions, refusals by the content security policy, and whatever else the browser reports. */
  readonly complaints: string[]
  /** Resolves when the page has loaded. */
  open(url: string): Promise<void>
  /** Evaluates an expression in the page; its value must be JSON. */
  ask<T>(expression: string): Promise<T>
  key(name: 'Tab' | 'Enter'): Promise<void>
  /** Presses Enter and resolves when what comes next has loaded. */
  enter(): Promise<void>
  cookies(): Promise<readonly Cookie[]>
  look(width: number, scheme: 'light' | 'dark'): Promise<void>
  /** A PNG of the whole page. */
  picture(): Promise<Buffer>
}

export interface Chromium {
  /** A tab with cookies of its own. */
  tab(): Promise<Tab>
  close(): Promise<void>
}

const TIMEOUT_MS = 120_000
const keyCodes = { Tab: 9, Enter: 13 } as const

/** @throws Error when it does not start. */
export async function startChromium(path: string): Promise<Chromium> {
  const profile = mkdtempSync(join(tmpdir(), 'qm-chromium-'))
  const child = spawn(
    path,
    [
      '--headless=new',
      '--remote-debugging-port=0',
      `--user-data-dir=${profile}`,
      // Root, as in containers, has no sandbox of Chromium's own; these tests open pages of this machine only.
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      'about:blank',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  const protocol = await connect(await endpointOf(child))
  return {
    async tab() {
      const { browserContextId } = await protocol.send('Target.createBrowserContext')
      const { targetId } = await protocol.send('Target.createTarget', { url: 'about:blank', browserContextId })
      const { sessionId } = await protocol.send('Target.attachToTarget', { targetId, flatten: true })
      return openTab(protocol, String(sessionId))
    },
    async close() {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      await protocol.send('Browser.close').catch(() => undefined)
      child.kill('SIGKILL')
      await ended
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

async function openTab(protocol: Protocol, sessionId: string): Promise<Tab> {
  const send = (method: string, params: Json = {}) => protocol.send(method, params, sessionId)
  const requested: string[] = []
  const complaints: string[] = []
  let loaded = () => {}
  protocol.on(sessionId, (method, params) => {
    if (method === 'Network.requestWillBeSent') requested.push((params['request'] as { url: string }).url)
    if (method === 'Page.loadEventFired') loaded()
    const { entry, type, exceptionDetails, issue } = params as {
      entry?: { level: string; text: string; url?: string }
      type?: string
      exceptionDetails?: unknown
      issue?: { code: string }
    }
    if (method === 'Log.entryAdded' && entry?.level !== 'info')
      complaints.push(`${entry?.text} ${entry?.url ?? ''}`.trim())
    if (method === 'Runtime.consoleAPICalled' && (type === 'error' || type === 'warning')) complaints.push(type)
    if (method === 'Runtime.exceptionThrown') complaints.push(JSON.stringify(exceptionDetails))
    if (method === 'Audits.issueAdded') complaints.push(JSON.stringify(issue))
  })
  for (const domain of ['Page', 'Network', 'Log', 'Runtime', 'Audits']) await send(`${domain}.enable`)

  const loading = async (begin: () => Promise<unknown>) => {
    const done = new Promise<void>((resolve, reject) => {
      const timeout = setTimeout(() => reject(new Error('Cannot go on: the page did not load')), TIMEOUT_MS)
      loaded = () => {
        clearTimeout(timeout)
        resolve()
      }
    })
    await Promise.all([done, begin()])
  }
  const key = async (name: keyof typeof keyCodes) => {
    const press = { key: name, code: name, windowsVirtualKeyCode: keyCodes[name] }
    await send('Input.dispatchKeyEvent', { type: 'keyDown', ...press, ...(name === 'Enter' ? { text: '\r' } : {}) })
    await send('Input.dispatchKeyEvent', { type: 'keyUp', ...press })
  }
  return {
    requested,
    complaints,
    open: (url) => loading(() => send('Page.navigate', { url })),
    async ask<T>(expression: string) {
      const answer = await send('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true })
      if (answer['exceptionDetails']) throw new Error(`Cannot ask the page: ${JSON.stringify(answer)}`)
      return (answer['result'] as { value: T }).value
    },
    key,
    enter: () => loading(() => key('Enter')),
    cookies: async () => (await send('Network.getCookies'))['cookies'] as readonly Cookie[],
    async look(width, scheme) {
      await send('Emulation.setDeviceMetricsOverride', {
        width,
        height: 780,
        deviceScaleFactor: 2,
        mobile: width < 500,
      })
      await send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] })
    },
    async picture() {
      const { data } = await send('Page.captureScreenshot', { format: 'png', captureBeyondViewport: true })
      return Buffer.from(String(data), 'base64')
    },
  }
}

interface Protocol {
  send(method: string, params?: Json, sessionId?: string): Promise<Json>
  on(sessionId: string, listener: (method: string, params: Json) => void): void
}

/** Commands are answered by their number; everything else is an event of a session. */
async function connect(url: string): Promise<Protocol> {
  const socket = new WebSocket(url)
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', () => reject(new Error('Cannot talk to Chromium')))
  })
  let last = 0
  const waiting = new Map<number, { resolve: (value: Json) => void; reject: (error: Error) => void }>()
  const listeners = new Map<string, (method: string, params: Json) => void>()
  socket.addEventListener('message', ({ data }) => {
    const { id, method, params, result, error, sessionId } = JSON.parse(String(data))
    const asked = waiting.get(id)
    if (!asked) return listeners.get(sessionId)?.(method, params)
    waiting.delete(id)
    if (error) asked.reject(new Error(`Cannot drive Chromium: ${error.message}`))
    else asked.resolve(result)
  })
  socket.addEventListener('close', () => {
    for (const { reject } of waiting.values()) reject(new Error('Chromium has gone'))
    waiting.clear()
  })
  return {
    send(method, params = {}, sessionId) {
      last += 1
      const id = last
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject })
        socket.send(JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) }))
      })
    },
    on: (sessionId, listener) => void listeners.set(sessionId, listener),
  }
}

/** What it prints when it listens. */
function endpointOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = ''
    const give = (why: string) => reject(new Error(`Cannot start Chromium: ${why}: ${printed.slice(-500)}`))
    const timeout = setTimeout(() => give('it said nothing'), TIMEOUT_MS)
    child.once('exit', () => give('it ended'))
    child.stderr?.on('data', (chunk) => {
      printed += String(chunk)
      const url = /DevTools listening on (ws:\S+)/.exec(printed)?.[1]
      if (url === undefined) return
      clearTimeout(timeout)
      resolve(url)
    })
  })
}
