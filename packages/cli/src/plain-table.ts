/**
 * @module
 * Tables as every command prints them: one frame, bold heads, no lines between rows, no colour where there is none.
 */
import Table from 'cli-table3'
import pc from 'picocolors'

export interface PlainTableOptions {
  readonly align?: readonly ('left' | 'right')[]
  /** Fixed widths, with long cells wrapped. */
  readonly widths?: readonly number[]
}

export function plainTable(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  { align, widths }: PlainTableOptions = {},
): string {
  const table = new Table({
    head: head.map((text) => pc.bold(text)),
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
    style: { head: [], border: [] },
    ...(align ? { colAligns: [...align] } : {}),
    ...(widths ? { colWidths: [...widths], wordWrap: true } : {}),
  })
  table.push(...rows.map((row) => [...row]))
  return table.toString()
}
