/**
 * @module
 * Writes `docs/api`: a page for each package of the agent side, from its docstrings. With `--check` it writes nothing,
 * names the pages that differ, and exits with 1 when there is one. `--to <folder>` takes another folder.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { readExports } from './api/read-exports.ts'
import { renderIndex, renderPage } from './api/render-page.ts'

const folders = ['client', 'langgraph', 'crew', 'toolsets', 'protocol']
const { values: flags } = parseArgs({ options: { check: { type: 'boolean' }, to: { type: 'string' } } })
const target = flags.to ?? fileURLToPath(new URL('../docs/api', import.meta.url))
const isCheck = flags.check === true

const packages = readExports(folders)
const pages = new Map([
  ['README.md', renderIndex(packages)],
  ...packages.map((each): [string, string] => [`${each.name}.md`, renderPage(each)]),
])
mkdirSync(target, { recursive: true })
const present = readdirSync(target)
const changed = [...pages].filter(
  ([name, text]) => !present.includes(name) || readFileSync(`${target}/${name}`, 'utf8') !== text,
)
const stray = present.filter((name) => !pages.has(name))

if (isCheck) {
  for (const name of [...changed.map(([name]) => name), ...stray])
    console.error(`docs/api/${name} is not what the docstrings say`)
  if (changed.length + stray.length > 0) {
    console.error('Run: npm run docs')
    process.exit(1)
  }
} else {
  for (const [name, text] of changed) writeFileSync(`${target}/${name}`, text)
  for (const name of stray) rmSync(`${target}/${name}`)
}
const names = packages.reduce((sum, { entries }) => sum + entries.length, 0)
console.log(
  `docs/api: ${names} names of ${packages.length} packages, ${isCheck ? 'as the docstrings say' : `${changed.length} pages written`}`,
)
