/**
 * @module
 * Keeps the drawings in the README true: each must be there as the graph draws itself.
 */
import { readFile } from 'node:fs/promises'

/** What is wrong, in words; nothing when all drawings are there. */
export async function inReadme(...drawings: readonly string[]): Promise<string[]> {
  const text = await readFile(new URL('./README.md', import.meta.url), 'utf8')
  const missing = drawings.filter((drawing) => !text.includes(`\`\`\`mermaid\n${drawing.trimEnd()}\n\`\`\``))
  return missing.map((drawing) => `README.md does not show this graph:\n${drawing}`)
}
