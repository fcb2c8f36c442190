/**
 * @module
 * `quartermaster demo`: the whole way once, on this machine, in less than a minute. The last line of standard output is
 * one JSON object; with `--json` it is the only one.
 */
import { Command } from 'commander'
import { reportFailure } from '../report-failure.ts'
import { untilStopSignal } from '../until-stop-signal.ts'
import { demoOutput } from './demo-output.ts'

interface DemoCommandOptions {
  readonly model?: string
  readonly json: boolean
}

export function demoCommand(): Command {
  return new Command('demo')
    .description('See it work: two systems, three roles, two crews; nothing to set up')
    .option('--model <provider:name>', 'a real model, such as openai:gpt-5.5, instead of the scripted one')
    .option('--json', 'print only the closing JSON line; everything else goes to standard error', false)
    .action(demo)
}

async function demo({ model, json }: DemoCommandOptions): Promise<void> {
  const stop = new AbortController()
  const asked = untilStopSignal().then((signal) => {
    process.exitCode = 130
    stop.abort(new Error(`Stopped by ${signal}`))
  })
  const out = json ? process.stderr : process.stdout
  const { runDemo } = await import('./run-demo.ts')
  const working = runDemo({ output: demoOutput(out), model, signal: stop.signal })
  try {
    const result = await Promise.race([working, asked.then(() => working)])
    print(result)
  } catch (error) {
    reportFailure(stop.signal.aborted ? stop.signal.reason : error)
    if (stop.signal.aborted) process.exitCode = 130
    print({ demo: 'failed' })
  }
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}
