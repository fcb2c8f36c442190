/**
 * @module
 * `quartermaster connector lint`: whether a connector's documentation tells a model enough to use its tools well.
 */
import { type Connector, ConnectorInvalid, loadCatalog, loadConnector } from '@quartermaster/connectors'
import { Command } from 'commander'
import pc from 'picocolors'
import { plainTable } from '../plain-table.ts'
import { type LintedConnector, lintConnector } from './lint-connector.ts'
import { MAX_DESCRIPTION, MAX_FIELD, MIN_SCORE, points } from './lint-record.ts'

export function lintCommand(): Command {
  return new Command('lint')
    .description("Lint a connector's documentation records: what a model is told about each tool")
    .argument('[folder]', 'a connector folder, with connector.yaml and docs/; the whole catalog when left out')
    .option('--json', 'print one JSON line', false)
    .addHelpText(
      'after',
      `
A record is docs/<resource>.<method>.md: a title and a line for each argument, then the description. No record, no tool.
Each is scored by what it tells:
  what      the first sentence says what the tool does, and to what
  when      when to use it, or what to call first
  returns   what comes back
  ids       where its ids come from or are used
  fields    each argument is described, in more than its own name
  length    at most ${MAX_DESCRIPTION} characters, and ${MAX_FIELD} for an argument: it is paid for on every turn
A score is advice down to ${MIN_SCORE}. What scores less, is empty, too long, or the same as another record fails, and the exit
code is 1.

  $ quartermaster connector lint packages/connectors/catalog/<system>`,
    )
    .action(lint)
}

function lint(folder: string | undefined, options: { readonly json: boolean }): void {
  const connectors = folder === undefined ? [...loadCatalog().values()] : [load(folder)]
  const linted = connectors.map(lintConnector)
  const ok = linted.every((one) => one.ok)
  if (options.json) console.log(JSON.stringify({ ok, connectors: linted }))
  else for (const one of linted) show(one)
  if (!ok) process.exitCode = 1
}

function load(folder: string): Connector {
  try {
    return loadConnector(folder)
  } catch (cause) {
    if (!(cause instanceof ConnectorInvalid)) throw cause
    const faults = cause.faults.map(({ path, problem }) => `  ${path}: ${problem}`)
    throw new Error(`Cannot lint ${folder}: the connector does not load\n${faults.join('\n')}`, { cause })
  }
}

function show({ id, records, undocumented, score, ok }: LintedConnector): void {
  const mark = (told: boolean | undefined) => (told === undefined ? '–' : told ? pc.green('✓') : pc.yellow('·'))
  const rows = records.map((one) => [one.record, one.score, ...points.map((point) => mark(one.told[point]))])
  console.log(pc.bold(id))
  console.log(plainTable(['record', 'score', ...points], rows, { align: ['left', 'right'] }))
  for (const { record, faults, hints } of records) {
    for (const fault of faults) console.log(`${pc.red('✗')} ${record}: ${fault}`)
    if (hints.length > 0) console.log(`${pc.yellow('·')} ${record}: ${hints.join('; ')}`)
  }
  if (undocumented.length > 0) console.log(`no record, so no tool: ${undocumented.join(', ')}`)
  console.log(`${ok ? pc.green('ok') : pc.red('failed')}: ${records.length} records, score ${score} of 100\n`)
}
