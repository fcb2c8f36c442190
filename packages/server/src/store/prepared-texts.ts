/**
 * @module
 * Statements that PostgreSQL parses and plans once for each connection, because their text never changes and they are
 * run all the time. Kysely has no word for them, so the pool knows them by their text.
 */
const names = new Map<string, string>()

/** Returns the text, which from now on is prepared under a name. Only for texts of which there are a few. */
export function prepared(text: string): string {
  if (!names.has(text)) names.set(text, `quartermaster_${names.size}`)
  return text
}

export function preparedName(text: string): string | undefined {
  return names.get(text)
}
