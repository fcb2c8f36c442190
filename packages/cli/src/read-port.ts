/**
 * @module
 * Reads a port number from a command line.
 */
import { InvalidArgumentError } from 'commander'

export function readPort(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0 || value > 65_535) throw new InvalidArgumentError('A port is 0 to 65535.')
  return value
}
