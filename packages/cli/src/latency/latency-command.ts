/**
 * @module
 * `quartermaster latency <url>`: the guide's latency test for a tool URL, with percentiles and an exit code.
 */
import { connect } from '@quartermaster/client'
import { Command, InvalidArgumentError, Option } from 'commander'
import { measure } from './measure.ts'
import { showLatency } from './show-latency.ts'

interface LatencyOptions {
  readonly token?: string
  readonly calls: number
  readonly tool?: string
  readonly sla: number
  readonly json?: true
}

export function latencyCommand(): Command {
  return new Command('latency')
    .description('Time the reading tools behind a URL: p50, p95 and p99, and whether they are fast enough for an agent')
    .argument('<url>', 'a tool URL, as "quartermaster issue" prints it')
    .addOption(new Option('--token <token>', 'API token, when the URL asks for one').env('QUARTERMASTER_TOKEN'))
    .option('--calls <number>', 'calls for each tool', whole('A number of calls', 1, 1000), 20)
    .option('--tool <name>', 'only this tool')
    .option('--sla <ms>', 'what p95 may be', whole('A time in milliseconds', 1, 600_000), 1000)
    .option('--json', 'print the figures as one line of JSON')
    .addHelpText(
      'after',
      `
Only tools that say they read are called, one call after the other, and each call counts against the account's quota:
20 calls of 8 tools are 160 requests. A short refusal for quota is waited for and not timed; a long one ends the tool.
The exit code is 1 when a p95 is above --sla, or when a tool could not be measured.

What to expect: a system needs 100 to 400 ms for a record or a page; this server adds a few milliseconds.
An agent feels a call above one second. Ten seconds is where it gives up.

  $ quartermaster latency "$URL" --token "$TOKEN"
  $ quartermaster latency "$URL" --tool list_all_… --calls 100
  $ quartermaster latency "$URL" --sla 500 --json | jq '.tools[] | select(.p95 > 500)'`,
    )
    .action(async (url: string, options: LatencyOptions) => {
      const conn = await connect(url, options.token === undefined ? {} : { token: options.token })
      try {
        const onTool = (tool: string) => process.stderr.isTTY && process.stderr.write(`measuring ${tool}\n`)
        const { calls, tool, sla, json } = options
        const tools = await measure(conn, { calls, onTool, ...(tool === undefined ? {} : { tool }) })
        const ok = tools.every(({ p95, failed }) => p95 <= sla && failed === undefined)
        console.log(json ? JSON.stringify({ ok, sla_ms: sla, tools }) : showLatency(tools, sla))
        if (!ok) process.exitCode = 1
      } finally {
        await conn.close()
      }
    })
}

function whole(what: string, from: number, to: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!Number.isInteger(value) || value < from || value > to) {
      throw new InvalidArgumentError(`${what} is a whole number from ${from} to ${to}.`)
    }
    return value
  }
}
