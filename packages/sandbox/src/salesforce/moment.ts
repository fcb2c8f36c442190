/**
 * @module
 * Dates and datetimes in Salesforce's two spellings: what it sends (`2024-03-15T10:00:00.000+0000`) and what it takes.
 */

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/
const DATETIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})$/

/** Epoch milliseconds as Salesforce writes a datetime: always UTC, always `+0000`. */
export function formatDatetime(epochMs: number): string {
  return new Date(epochMs).toISOString().replace('Z', '+0000')
}

/** Epoch milliseconds of a datetime, or null when the text is not one. */
export function parseDatetime(text: string): number | null {
  if (!DATETIME.test(text)) return null
  const epochMs = Date.parse(text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'))
  return Number.isNaN(epochMs) ? null : epochMs
}

/** Epoch milliseconds of the start of a calendar day in UTC, or null when the text names no real day. */
export function parseDate(text: string): number | null {
  if (!DATE.test(text)) return null
  const epochMs = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(epochMs) && new Date(epochMs).toISOString().startsWith(text) ? epochMs : null
}
