/**
 * @module
 * Durations as people write them on a command line.
 */
import { InvalidArgumentError } from 'commander'

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 }

/** Seconds. @throws InvalidArgumentError for anything but a whole number with a unit. */
export function readDuration(text: string): number {
  const match = /^(\d+)([smhd])$/.exec(text)
  const seconds = Number(match?.[1]) * (units[match?.[2] ?? ''] ?? Number.NaN)
  if (!Number.isSafeInteger(seconds) || seconds < 1) {
    throw new InvalidArgumentError('Write a duration such as 30m, 12h or 90d.')
  }
  return seconds
}

/** The same; `0s` is one, too: at once. */
export function readOverlap(text: string): number {
  return text === '0' || /^0+[smhd]$/.test(text) ? 0 : readDuration(text)
}
