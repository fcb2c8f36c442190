/**
 * @module
 * The body of an answer as JSON, or the fact that it is none.
 */
export type ParsedBody = { readonly ok: true; readonly value: unknown } | { readonly ok: false }

/** Empty, HTML, truncated: all of these are `ok: false`. */
export function parseBody(text: string): ParsedBody {
  if (text.trim() === '') return { ok: false }
  try {
    return { ok: true, value: JSON.parse(text) as unknown }
  } catch {
    return { ok: false }
  }
}
