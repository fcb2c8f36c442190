/**
 * @module
 * Relative dates (`TODAY`, `LAST_MONTH`, `LAST_N_DAYS:30`) as ranges of days in UTC. Weeks begin on Sunday.
 */

/** Epoch milliseconds; `until` is the first moment after. */
export interface Period {
  readonly from: number
  readonly until: number
}

const DAY_MS = 86_400_000
const NAME = /^(?:TODAY|YESTERDAY|TOMORROW|(?:LAST|THIS|NEXT)_(?:WEEK|MONTH|QUARTER|YEAR)|(?:LAST|NEXT)_90_DAYS)$/
const COUNTED = /^(LAST|NEXT)_N_(DAYS|WEEKS|MONTHS|YEARS):(\d{1,4})$/

/** Whether the upper-case word is a relative date. */
export function parsePeriodName(word: string): boolean {
  return NAME.test(word) || COUNTED.test(word)
}

/** The days that the word means at `now` (epoch milliseconds). */
export function resolvePeriod(word: string, now: number): Period {
  const today = Math.floor(now / DAY_MS) * DAY_MS
  const counted = COUNTED.exec(word)
  if (counted !== null) return countedPeriod(counted[1] === 'LAST', counted[2] ?? '', Number(counted[3]), today)
  if (word === 'LAST_90_DAYS') return { from: today - 90 * DAY_MS, until: today + DAY_MS }
  if (word === 'NEXT_90_DAYS') return { from: today + DAY_MS, until: today + 91 * DAY_MS }
  const day = { YESTERDAY: -1, TODAY: 0, TOMORROW: 1 }[word]
  if (day !== undefined) return { from: today + day * DAY_MS, until: today + (day + 1) * DAY_MS }
  const [which, unit = ''] = word.split('_')
  const shift = which === 'LAST' ? -1 : which === 'NEXT' ? 1 : 0
  return { from: startOf(unit, today, shift), until: startOf(unit, today, shift + 1) }
}

/** The last n days include today; the last n weeks, months and years end with the previous one. */
function countedPeriod(past: boolean, units: string, count: number, today: number): Period {
  if (units === 'DAYS') {
    return past
      ? { from: today - count * DAY_MS, until: today + DAY_MS }
      : { from: today + DAY_MS, until: today + (count + 1) * DAY_MS }
  }
  const unit = units.slice(0, -1)
  return past
    ? { from: startOf(unit, today, -count), until: startOf(unit, today, 0) }
    : { from: startOf(unit, today, 1), until: startOf(unit, today, count + 1) }
}

function startOf(unit: string, today: number, shift: number): number {
  const date = new Date(today)
  const year = date.getUTCFullYear()
  const month = date.getUTCMonth()
  if (unit === 'WEEK') return today - date.getUTCDay() * DAY_MS + shift * 7 * DAY_MS
  if (unit === 'MONTH') return Date.UTC(year, month + shift, 1)
  if (unit === 'QUARTER') return Date.UTC(year, Math.floor(month / 3) * 3 + shift * 3, 1)
  return Date.UTC(year + shift, 0, 1)
}
