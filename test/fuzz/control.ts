/**
 * @module
 * The positive control: the same harness against a handler with faults planted in it, and against the real server with
 * a leak and a crash planted into its process. A fault that is not reported shows that none would be.
 */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type fc from 'fast-check'
import { send } from './answer.ts'
import { judge } from './finding.ts'
import { type FuzzRun, fuzz } from './fuzz.ts'
import { fuzzTarget, type TargetReport } from './fuzz-target.ts'
import type { FuzzTestbed } from './fuzz-testbed.ts'
import { hostileJson } from './hostile-json.ts'
import type { Target } from './target.ts'
import { watch } from './watch.ts'

const SECRET = 'a secret of the control'

interface Planted {
  readonly about: string
  /** Begins what the harness must say. */
  readonly finding: RegExp
  handle(body: string, response: ServerResponse, log: (line: string) => void): void
}

const planted: readonly Planted[] = [
  {
    about: 'rejects',
    finding: /^a rejection that nobody caught/,
    handle(body, response) {
      if (body.includes('1e999')) void Promise.reject(new Error('planted'))
      response.end('{}')
    },
  },
  {
    about: 'throws',
    finding: /^an exception that nobody caught/,
    handle(body, response) {
      response.end('{}')
      if (body.includes('ud800')) setImmediate(() => JSON.parse('{'))
    },
  },
  {
    about: 'pollutes',
    finding: /^prototypes have changed/,
    handle(body, response) {
      const merge = (into: Record<string, unknown>, from: object) => {
        for (const [key, value] of Object.entries(from)) {
          if (typeof value === 'object' && value !== null) merge(Object(into[key]) as Record<string, unknown>, value)
          else into[key] = value
        }
      }
      try {
        const parsed: unknown = JSON.parse(body)
        if (typeof parsed === 'object' && parsed !== null) merge({}, parsed)
      } catch {
        // The fault is what is merged, not what cannot be.
      }
      response.end('{}')
    },
  },
  {
    about: 'answers 500',
    finding: /^the answer has the status 500/,
    handle(body, response) {
      response.writeHead(body.includes('"constructor"') ? 500 : 200).end('{}')
    },
  },
  {
    about: 'answers an untyped 503',
    finding: /^the answer has the status 503/,
    handle(body, response) {
      response.writeHead(body.startsWith('[') ? 503 : 200).end('{}')
    },
  },
  {
    about: 'answers html',
    finding: /^the answer is not JSON/,
    handle(body, response) {
      response.end(body.startsWith('{') ? '<h1>Error</h1>' : '{}')
    },
  },
  {
    about: 'answers a secret',
    finding: /^the answer holds secret/,
    handle(body, response) {
      response.end(body.startsWith('{') ? JSON.stringify({ error: SECRET }) : '{}')
    },
  },
  {
    about: 'logs a secret',
    finding: /^a log line holds secret/,
    handle(body, response, log) {
      if (body.startsWith('{')) log(`request with ${SECRET}`)
      response.end('{}')
    },
  },
]

export interface ControlReport {
  readonly planted: number
  readonly reported: number
  /** Faults that were planted and not reported as what they are. */
  readonly missed: readonly string[]
}

const INPUTS = 2_000

/** Into the process of a real server, where only the fuzzing as a whole can see them. */
const plantedDeep: readonly (Pick<FuzzRun, 'inputs' | 'only'> & {
  readonly plant: NonNullable<FuzzRun['plant']>
  readonly finding: RegExp
})[] = [
  { plant: 'leak', only: ['admin'], inputs: 300, finding: /^what the server holds in memory grew by/ },
  {
    plant: 'crash',
    only: ['mirror'],
    inputs: 500,
    finding: /^mirror: the process of the server has ended with SIGKILL/,
  },
]

export async function control(seed: number): Promise<ControlReport> {
  const missed: string[] = []
  for (const { finding, ...fault } of plantedDeep) {
    const { wrong } = await fuzz({ ...fault, seed, step() {} })
    if (!wrong.some((line) => finding.test(line))) missed.push(`${fault.plant}: ${wrong[0] ?? 'nothing'}`)
  }
  for (const fault of planted) {
    const { failure } = await underFault(fault, seed)
    if (!failure || !fault.finding.test(failure.found)) missed.push(`${fault.about}: ${failure?.found ?? 'nothing'}`)
  }
  const count = planted.length + plantedDeep.length
  return { planted: count, reported: count - missed.length, missed }
}

async function underFault({ about, handle }: Planted, seed: number): Promise<TargetReport> {
  const eye = watch(() => [SECRET])
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.once('end', () => handle(Buffer.concat(chunks).toString('utf8'), response, eye.logged))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const target: Target<string> = {
    name: about,
    share: 1,
    inputs: () => hostileJson as fc.Arbitrary<string>,
    async attempt(_, body) {
      const answer = await send(url, { method: 'POST', path: '/', headers: {}, body })
      judge(answer, [SECRET])
      return String(answer.status)
    },
  }
  try {
    return await fuzzTarget(target, { testbed: {} as FuzzTestbed, check: eye.check, seed, inputs: INPUTS, step() {} })
  } finally {
    eye.stop()
    await new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  }
}
