/**
 * @module
 * When things happened in the demo company. Everything lies before one fixed day, so that records do not depend on the
 * day of the run.
 */
import type { Random } from './random.ts'

const day = 86_400_000

/** The demo company's "today": 1 November 2026, midnight UTC, in epoch milliseconds. */
export const worldDay: number = Date.UTC(2026, 10, 1)

/** When a record was made, within three years before {@link worldDay}, and last changed, not before that. */
export function timestamps(random: Random): { createdAt: string; updatedAt: string } {
  const created = worldDay - random.between(2 * day, 1095 * day)
  const updated = random.chance(0.3) ? created : created + Math.floor(random.next() * (worldDay - created))
  return { createdAt: new Date(created).toISOString(), updatedAt: new Date(updated).toISOString() }
}

/** A date as `YYYY-MM-DD`, `from` to `to` days away from {@link worldDay}. */
export function someDay(random: Random, from: number, to: number): string {
  return new Date(worldDay + random.between(from, to) * day).toISOString().slice(0, 10)
}
