/**
 * @module
 * Reads which part of a quota may be used, from a command line.
 */
import { InvalidArgumentError } from 'commander'

/** 0.1 to 1, or false for `off`. */
export function readShare(text: string): number | false {
  if (text === 'off') return false
  const value = Number(text)
  if (!(value >= 0.1 && value <= 1)) throw new InvalidArgumentError('A share is 0.1 to 1, or off.')
  return value
}
