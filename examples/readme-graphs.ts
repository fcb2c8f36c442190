/**
 * @module
 * The graphs that the README of an example shows, as Mermaid text. Each must be there as the graph draws itself.
 */
import { readFile, writeFile } from 'node:fs/promises'

const readme = (main: string) => new URL('./README.md', main)
const block = (drawing: string) => `\`\`\`mermaid\n${drawing.trimEnd()}\n\`\`\``

/**
 * What is wrong, in words; nothing when the README shows all drawings.
 *
 * @param main `import.meta.url` of `main.ts`, which the README stands beside
 */
export async function missingGraphs(main: string, drawings: readonly string[]): Promise<string[]> {
  const text = await readFile(readme(main), 'utf8')
  return drawings
    .filter((drawing) => !text.includes(block(drawing)))
    .map((drawing) => `README.md does not show this graph:\n${drawing}`)
}

/** Puts the drawing in the place of the README's first. */
export async function replaceGraph(main: string, drawing: string): Promise<void> {
  const text = await readFile(readme(main), 'utf8')
  await writeFile(
    readme(main),
    text.replace(/```mermaid\n[\s\S]*?\n```/, () => block(drawing)),
  )
}
