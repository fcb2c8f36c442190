/**
 * @module
 * The commands, options, scripts and files that the documentation names exist. `shell-blocks.test.ts` runs its shell blocks.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { program } from 'quartermaster'
import { describe, expect, it } from 'vitest'
import { inlineCommands, pages, readPage, root, shellBlocks, strayCommands } from './markdown.ts'

const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { scripts: Record<string, string> }
const everyCommand = await program([])
const benches = readdirSync(`${root}bench`).map((file) => file.replace(/\.ts$/, ''))

describe.each(pages)('%s', (page) => {
  it('has no command in a block that is not fenced as sh', () => {
    expect(strayCommands(page)).toEqual([])
  })

  it('names commands, options, scripts and files that exist, in one form', () => {
    expect([...inlineCommands(page), ...commandLines(page)].flatMap(faultsOf)).toEqual([])
  })

  it('names test files and sources that exist', () => {
    const paths = [
      ...readPage(page).matchAll(
        /(?<![\w/.])((?:packages|test|bench|tools|examples)\/[\w/.*-]+\.(?:ts|sh|md|yaml|py|json))/g,
      ),
    ].map(([, path = '']) => path)
    expect(paths.filter((path) => !path.includes('*') && !existsSync(root + path))).toEqual([])
  })
})

it('would see a command, an option, a script, a bench and a file that do not exist', () => {
  for (const wrong of [
    'quartermaster serve',
    'npx quartermaster sevre',
    'npx quartermaster serve --datta x',
    'npx quartermaster keys turn',
    'npm run proof',
    'npm run bench -- nothing',
    'npx vitest run test/nothing.test.ts',
    'node --conditions=quartermaster-source bench/http.ts',
  ])
    expect(faultsOf(wrong), wrong).toHaveLength(1)
  expect(faultsOf('tools/with-postgres.sh npm test')).toEqual([])
})

function commandLines(page: string): string[] {
  return shellBlocks(page).flatMap(({ text }) =>
    text
      .replaceAll('\\\n', ' ')
      .split(/\n|&&/)
      .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
      .filter((line) => /^(?:\w+=\S+ )*(?:npm|npx|node|quartermaster|tools\/)/.test(line)),
  )
}

/** Empty when a reader can type this. */
function faultsOf(command: string): string[] {
  const bare = command.replace(/^(?:[A-Z_]+=\S+ )+/, '').replace(/^(?:tools\/with-(?:postgres|redis)\.sh )+/, '')
  if (bare.startsWith('sh -c ') || bare.startsWith('bash .ci/run')) return []
  const [first = '', second = '', third = '', ...rest] = bare.split(/\s+/)
  if (first === 'quartermaster') return [`${command}: in a clone this is "npx quartermaster"`]
  if (first === 'npx' && second === 'quartermaster') return commandFaults(command, [third, ...rest])
  if (first === 'npx' && second === 'vitest') return fileFaults(command, rest)
  if (first === 'npm' && second === 'run') {
    const script = third === '-s' ? (rest[0] ?? '') : third
    if (!(script in scripts)) return [`${command}: there is no script ${script}`]
    const bench = rest[0] === '--' ? rest[1] : undefined
    return script === 'bench' && bench !== undefined && !benches.includes(bench) ? [`${command}: no such bench`] : []
  }
  if ((first === 'node' || second === 'node') && /\bbench\/\w+\.ts/.test(bare))
    return [`${command}: a bench is run by "npm run bench -- <name>"`]
  return []
}

function commandFaults(command: string, words: readonly string[]): string[] {
  let at = everyCommand
  for (const word of words.filter((each) => each !== '')) {
    if (word.startsWith('--')) {
      const name = word.replace(/[=\]].*$/, '')
      const isKnown = name === '--help' || name === '--version' || at.options.some(({ long }) => long === name)
      if (!isKnown) return [`${command}: ${at.name()} has no option ${name}`]
    } else if (at.commands.length > 0 && /^[a-z]+$/.test(word)) {
      const next = at.commands.find((each) => each.name() === word)
      if (!next) return [`${command}: there is no command ${word}`]
      at = next
    }
  }
  return []
}

function fileFaults(command: string, words: readonly string[]): string[] {
  return words
    .filter((word) => word.includes('/') && !existsSync(root + word))
    .map((word) => `${command}: there is no ${word}`)
}
