/**
 * @module
 * A list as PostgreSQL writes an array (PostgreSQL, 8.15.6 "Array Input and Output Syntax"), made by the engine's own
 * JSON writer in one go where the two notations agree.
 */
import { checkStorable } from './storable-text.ts'

/** Whatever JSON writes with a backslash, other than a quote or a backslash, means something else to PostgreSQL. */
const DIFFERS = /\\[^"\\]/

/** @throws UnstorableText for a NUL character or half a surrogate pair. */
export function arrayText(cells: readonly (string | number | null)[]): string {
  const json = JSON.stringify(cells)
  if (!DIFFERS.test(json)) return `{${json.slice(1, -1)}}`
  checkStorable(cells)
  const quoted = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`
  return `{${cells.map((cell) => (typeof cell === 'string' ? quoted(cell) : String(cell))).join(',')}}`
}
