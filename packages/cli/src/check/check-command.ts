/**
 * @module
 * `quartermaster check`: connects to a tool URL the way an agent would and says what it found, or why it could not.
 */
import { Command, Option } from 'commander'
import pc from 'picocolors'
import { plainTable } from '../plain-table.ts'

export function checkCommand(): Command {
  return new Command('check')
    .description('Check a tool URL: connect, list its tools, make one read call')
    .argument('<url>', 'the tool URL')
    .addOption(new Option('--token <token>', 'an API token with the scope runtime').env('QUARTERMASTER_TOKEN'))
    .option('--no-call', 'do not call a tool')
    .action(check)
}

async function check(url: string, options: { readonly token?: string; readonly call: boolean }): Promise<void> {
  const [{ callTool, connect, RateGate }, { tokenCost }] = await Promise.all([
    import('@quartermaster/client'),
    import('./token-cost.ts'),
  ])
  const startedAt = performance.now()
  const conn = await connect(url, options.token === undefined ? {} : { token: options.token })
  try {
    const tools = await conn.listTools()
    const ms = Math.round(performance.now() - startedAt)
    console.log(`${pc.green('connected')} in ${ms} ms, protocol ${conn.protocolVersion ?? 'unknown'}`)
    const rows = tools.map((tool) => [
      tool.name,
      tool.annotations?.readOnlyHint ? 'no' : pc.yellow('yes'),
      tokenCost([tool]),
    ])
    console.log(plainTable(['tool', 'changes data', 'tokens'], rows, { align: ['left', 'left', 'right'] }))
    console.log(`${tools.length} tools, ${tokenCost(tools)} tokens on every turn of a model (o200k)`)

    const probe = tools.find((tool) => tool.annotations?.readOnlyHint && tool.name.startsWith('list_'))
    if (!options.call || !probe) return
    const outcome = await callTool(conn, probe, { limit: '1' }, { account: 'check', gate: new RateGate() })
    if (outcome.ok) {
      console.log(`${pc.green('ok')} ${probe.name} answered in ${Math.round(outcome.ms)} ms`)
    } else {
      console.log(`${pc.red(outcome.error.code)} ${probe.name}: ${outcome.error.message}\n  ${outcome.error.advice}`)
      process.exitCode = 1
    }
  } finally {
    await conn.close()
  }
}
