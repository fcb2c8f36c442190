/**
 * @module
 * An example or the demo as somebody would start it: a process of its own, with a model provider on loopback instead of
 * the real one.
 */
import { execFile } from 'node:child_process'

const root = new URL('../../', import.meta.url).pathname

export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** @param args as after `npm run`, such as `['examples', 'state-graph', '--graph']` */
export function npmRun([script = '', ...args]: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const file = { examples: 'tools/run-examples.ts', demo: 'packages/cli/src/main.ts' }[script]
  if (file === undefined) throw new Error(`Cannot run ${script}: it is no such script`)
  const command = ['--conditions=quartermaster-source', file, ...(script === 'demo' ? ['demo'] : []), ...args]
  return new Promise((resolve) => {
    const options = { cwd: root, env: { ...process.env, ...env }, maxBuffer: 16 * 1024 * 1024 }
    execFile(process.execPath, command, options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
    )
  })
}
