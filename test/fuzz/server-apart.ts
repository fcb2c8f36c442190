/**
 * @module
 * Starts the server that is fuzzed in a process of its own and asks it, between inputs, how it is.
 */
import { fork } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Finding } from './finding.ts'
import type { Memory } from './memory.ts'
import type { Plant } from './plant.ts'

/** Where there is one, a file system in memory: how long a disk takes to sync is not what is looked for here. */
const MEMORY = '/dev/shm'
/**
 * The young generation of V8 is held to a size: by itself it grows to 128 MB in the course of a long run, which looks like
 * a leak from outside and holds nothing.
 */
const YOUNG = '--max-semi-space-size=16'

export interface ServerOrder {
  readonly dataDir: string
  readonly vendorsUrl: string
  /** Where the answers are spoiled. */
  readonly spoiledUrl: string
  /** A fault for the positive control. */
  readonly plant?: Plant | undefined
}

export type Asked =
  | { readonly ask: 'check' | 'lines' | 'memory' | 'stop' }
  | { readonly ask: 'hide'; readonly secret: string }

export interface ServerApart {
  readonly url: string
  readonly adminToken: string
  readonly keyRing: string
  /** From now on no log line may hold this. */
  hide(secret: string): void
  /** Rejects with a {@link Finding} for what has happened since the last call, or when the process is gone. */
  check(): Promise<void>
  /** How many lines it has logged. */
  lines(): Promise<number>
  memory(): Promise<Memory>
  /** Whether the process has ended unasked. */
  readonly crashed: () => boolean
  stop(): Promise<void>
}

type Said =
  | { readonly ready: Pick<ServerApart, 'url' | 'adminToken' | 'keyRing'> }
  | { readonly id: number; readonly answer?: unknown }

/** Rejects when the server does not start. */
export async function startServerApart(order: Omit<ServerOrder, 'dataDir'>): Promise<ServerApart> {
  const dataDir = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'quartermaster-fuzz-'))
  const whole: ServerOrder = { ...order, dataDir }
  const child = fork(join(import.meta.dirname, 'server-process.ts'), [JSON.stringify(whole)], {
    execArgv: ['--expose-gc', YOUNG, '--conditions=quartermaster-source'],
  })
  const waiting = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>()
  const ready = Promise.withResolvers<Pick<ServerApart, 'url' | 'adminToken' | 'keyRing'>>()
  let asked = 0
  let gone: Finding | undefined
  let stopping = false
  child.on('message', (said: Said) => {
    if ('ready' in said) return ready.resolve(said.ready)
    waiting.get(said.id)?.resolve(said.answer)
    waiting.delete(said.id)
  })
  // A question that a dying process did not get is answered by its end.
  child.on('error', () => {})
  child.once('exit', (code, signal) => {
    rmSync(dataDir, { recursive: true, force: true })
    gone = new Finding(`the process of the server has ended with ${signal ?? code}`)
    ready.reject(gone)
    for (const { reject } of waiting.values()) reject(gone)
  })

  function ask(question: Asked): Promise<unknown> {
    if (gone) return Promise.reject(gone)
    const id = asked++
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject })
      child.send({ id, asked: question })
    })
  }

  const check = shared(async () => {
    const found = await ask({ ask: 'check' })
    if (typeof found === 'string') throw new Finding(found)
  })
  return {
    ...(await ready.promise),
    check,
    hide: (secret) => void ask({ ask: 'hide', secret }).catch(() => {}),
    lines: async () => Number(await ask({ ask: 'lines' })),
    memory: async () => (await ask({ ask: 'memory' })) as Memory,
    crashed: () => gone !== undefined && !stopping,
    async stop() {
      if (gone) return
      stopping = true
      const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
      await ask({ ask: 'stop' }).catch(() => {})
      await ended
    },
  }
}

/** Who asks while another is being answered waits for the next answer, which is for all who wait. */
function shared(work: () => Promise<void>): () => Promise<void> {
  let current: Promise<void> | undefined
  let next: Promise<void> | undefined
  const begin = (): Promise<void> => {
    const begun = work().finally(() => {
      if (current === begun) current = undefined
    })
    current = begun
    return begun
  }
  return () => {
    if (!current) return begin()
    next ??= current
      .catch(() => {})
      .then(() => {
        next = undefined
        return begin()
      })
    return next
  }
}
