/**
 * @module
 * The pages of documentation, and what a reader may copy from them: shell blocks, and commands in the text.
 */
import { readdirSync, readFileSync } from 'node:fs'

export const root = new URL('../..', import.meta.url).pathname

export interface ShellBlock {
  readonly page: string
  /** Of the block's first line in the page, from 1. */
  readonly line: number
  readonly text: string
  /** Why the suite does not run it, from a comment `<!-- not run: … -->` above the block. */
  readonly notRun?: string
}

/** Every page that ships with the repository, without the generated reference. */
export const pages: readonly string[] = [
  ...listed('', /^[A-Z]+\.md$/),
  ...listed('docs/', /\.md$/),
  ...readdirSync(`${root}examples`).flatMap((name) => listed(`examples/${name}/`, /^README\.md$/)),
]

export function readPage(page: string): string {
  return readFileSync(root + page, 'utf8')
}

/** Blocks that are fenced as `sh`, in order. */
export function shellBlocks(page: string): ShellBlock[] {
  const text = readPage(page)
  return [...text.matchAll(/(?:<!-- not run: ([^>]+?) -->\n+)?^```sh\n([\s\S]*?)^```$/gm)].map((match) => ({
    page,
    line: text.slice(0, match.index).split('\n').length + (match[0].split('```sh')[0] ?? '').split('\n').length,
    text: match[2] ?? '',
    ...(match[1] === undefined ? {} : { notRun: match[1] }),
  }))
}

/** Lines of commands that stand in a block which is not fenced as `sh`: nothing would run them. */
export function strayCommands(page: string): string[] {
  return [...readPage(page).matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
    .filter(([, language]) => language === '' || language === 'bash' || language === 'console')
    .flatMap(([, , text = '']) => text.split('\n').filter((line) => isCommand(line)))
}

/** Commands in running text and tables, between single backticks. */
export function inlineCommands(page: string): string[] {
  const prose = readPage(page).replace(/^```[\s\S]*?^```$/gm, '')
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, text = '']) => text).filter(isCommand)
}

function isCommand(text: string): boolean {
  return /^(?:[A-Z_]+=\S+ )*(?:npm|npx|node|quartermaster|curl|createdb|tools\/\S+\.sh|bash) \S/.test(text)
}

function listed(folder: string, names: RegExp): string[] {
  try {
    return readdirSync(root + folder)
      .filter((name) => names.test(name))
      .map((name) => folder + name)
      .sort()
  } catch {
    return []
  }
}
