/**
 * @module
 * `quartermaster demo`: the whole way once, on this machine, in a minute.
 */
import { Command } from 'commander'

export function demoCommand(): Command {
  return new Command('demo').description('See it work: two systems, three roles, two crews; nothing to set up')
}
