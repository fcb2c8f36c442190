/**
 * @module
 * Lints all documentation records of a connector, each by itself and against the others.
 */
import type { Connector } from '@quartermaster/connectors'
import { type LintedRecord, lintRecord } from './lint-record.ts'

export interface LintedConnector {
  readonly id: string
  readonly records: readonly LintedRecord[]
  /** Methods that are no tools, because nobody has documented them. */
  readonly undocumented: readonly string[]
  /** The mean of the records' scores, 0 to 100. */
  readonly score: number
  /** True when there are records and none fails. */
  readonly ok: boolean
}

export function lintConnector({ id, methods }: Pick<Connector, 'id' | 'methods'>): LintedConnector {
  const documented = methods.flatMap(({ tool }) => (tool ? [tool] : []))
  const titles = duplicates(documented.map(({ title }) => title))
  const descriptions = duplicates(documented.map(({ description }) => description))
  const records = methods.flatMap((method): LintedRecord[] => {
    const linted = lintRecord(method)
    if (!linted || !method.tool) return []
    const faults = [
      ...(titles.has(plain(method.tool.title)) ? ['another record has the same title'] : []),
      ...(descriptions.has(plain(method.tool.description)) ? ['another record has the same description'] : []),
    ]
    return [{ ...linted, faults: [...linted.faults, ...faults] }]
  })
  const sum = records.reduce((total, { score }) => total + score, 0)
  return {
    id,
    records,
    undocumented: methods.filter(({ tool }) => !tool).map(({ resource, name }) => `${resource}.${name}`),
    score: records.length === 0 ? 0 : Math.round(sum / records.length),
    ok: records.length > 0 && records.every(({ faults }) => faults.length === 0),
  }
}

/** Two tools that read the same are chosen between by chance. */
function duplicates(texts: readonly string[]): ReadonlySet<string> {
  const all = texts.map(plain)
  return new Set(all.filter((text, at) => text !== '' && all.indexOf(text) !== at))
}

function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}
