/**
 * @module
 * YAML text as plain data. What an operator writes by hand is read strictly: no key twice, no merging, few aliases.
 */
import { parseDocument } from 'yaml'

export type YamlRead =
  | { readonly ok: true; readonly value: unknown }
  /** Where and what; never the text itself. */
  | { readonly ok: false; readonly faults: readonly { readonly path: string; readonly problem: string }[] }

const MAX_ALIASES = 100

/** Never throws. */
export function readYaml(text: string): YamlRead {
  const document = parseDocument(text, { uniqueKeys: true, merge: false })
  if (document.errors.length > 0) {
    const faults = document.errors.map(({ linePos, code }) => ({
      path: `line ${linePos?.[0].line ?? '?'}`,
      problem: `is not YAML as it is read here (${code})`,
    }))
    return { ok: false, faults }
  }
  try {
    return { ok: true, value: document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown }
  } catch {
    return { ok: false, faults: [{ path: '', problem: 'has too many aliases' }] }
  }
}
