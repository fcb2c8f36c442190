/**
 * @module
 * What the smaller examples share: a server and its faked systems in this process, the flags, the drawing of the graph
 * in the README, and an exit code that says whether the example came out right.
 */
import { parseArgs } from 'node:util'
import { type Connected, connect } from '@quartermaster/client'
import { readyModel, type ToolCallingModel } from '@quartermaster/crew'
import type { VendorControl } from '@quartermaster/sandbox'
import { adminClient, type Toolset } from '@quartermaster/toolsets'
import { startSandboxedServer } from 'quartermaster'
import { missingGraphs, replaceGraph } from './readme-graphs.ts'

/** What an example runs against. */
export interface Testbed {
  /** The connected account of the faked HubSpot. */
  readonly account: string
  /** Its remote control: raw records, quotas, faults to arm. */
  readonly hubspot: VendorControl
  /** An API token that agents need beside a tool URL; it opens nothing else. */
  readonly token: string
  /** Has the server issue a tool URL for a role. */
  issue(role: Toolset): Promise<string>
  /** The same, connected. */
  open(role: Toolset): Promise<Connected>
  /** No `--model` was named, so the model is the script and its every move is known. */
  readonly scripted: boolean
  /** The model that `--model` names, or else the script. */
  model(script: ToolCallingModel): Promise<ToolCallingModel>
}

interface Drawable {
  getGraphAsync(): Promise<{ drawMermaid(): string }>
}

export interface Example<G extends Drawable> {
  /** `import.meta.url` of `main.ts`; the README stands beside it. */
  readonly file: string
  /** One or two sentences. */
  readonly about: string
  graph(testbed: Testbed): Promise<G>
  /** @returns what went wrong, in words; nothing when all is well. */
  run(graph: G, testbed: Testbed): Promise<readonly string[]>
}

const options = {
  help: { type: 'boolean' },
  graph: { type: 'boolean' },
  write: { type: 'boolean' },
  model: { type: 'string' },
} as const

/** Runs the example and sets the exit code: 0 when nothing went wrong, else 1 with the reasons on standard error. */
export async function runExample<G extends Drawable>(example: Example<G>): Promise<void> {
  const { values } = parseArgs({ options })
  if (values.help) {
    console.log(`${example.about}\n\nUsage: npm run examples -- ${new URL('.', example.file).pathname.split('/').at(-2)} [--model provider:name] [--graph [--write]]
--graph prints the graph as Mermaid text; with --write it goes into README.md.`)
    return
  }
  try {
    await run(example, values)
  } catch (error) {
    console.error(`Wrong: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 1
  }
}

interface Flags {
  readonly graph?: boolean
  readonly write?: boolean
  readonly model?: string
}

/** @throws Error saying what kept the example from running. */
async function run<G extends Drawable>(example: Example<G>, flags: Flags): Promise<void> {
  const real = flags.model === undefined ? undefined : await readyModel(flags.model)
  let asked = false
  // A whole fan-out comes through one URL within seconds, so the server's own limit for a URL must not be what stops it.
  const sandboxed = await startSandboxedServer({ inbound: { ratePerS: 2000, burst: 2000 } })
  const opened: Connected[] = []
  try {
    const account = sandboxed.accounts.find(({ system }) => system === 'hubspot')?.id
    if (account === undefined) throw new Error('Cannot run: the sandbox has no such system')
    const admin = adminClient({ baseUrl: sandboxed.server.url, token: sandboxed.server.adminToken })
    const { token } = await admin.runtimeToken({ tenant: sandboxed.tenant, name: 'agents of the example' })
    const issue = async (role: Toolset) => (await role.issue(admin, { account, expiresInS: 3600 })).url
    const testbed: Testbed = {
      account,
      hubspot: sandboxed.sandbox.sandbox.control(sandboxed.tenant, 'hubspot'),
      token,
      issue,
      scripted: real === undefined,
      async open(role) {
        const conn = await connect(await issue(role), { token })
        opened.push(conn)
        return conn
      },
      model: async (script) => {
        asked = true
        return real ?? script
      },
    }
    const graph = await example.graph(testbed)
    const drawing = (await graph.getGraphAsync()).drawMermaid().trimEnd()
    if (flags.graph) {
      if (flags.write) await replaceGraph(example.file, drawing)
      console.log(drawing)
      return
    }
    console.log(
      `The model is ${flags.model ?? 'SCRIPTED: fixed decisions instead of an LLM; everything else is real'}.`,
    )
    if (!asked) throw new Error('Cannot say which model runs: the example asks for none')
    const faults = [...(await example.run(graph, testbed)), ...(await missingGraphs(example.file, [drawing]))]
    for (const fault of faults) console.error(`Wrong: ${fault}`)
    process.exitCode = faults.length === 0 ? 0 : 1
  } finally {
    await Promise.allSettled(opened.map((conn) => conn.close()))
    await sandboxed.stop()
  }
}
