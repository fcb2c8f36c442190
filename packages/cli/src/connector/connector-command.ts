/**
 * @module
 * `quartermaster connector`: for people who write connectors.
 */
import { Command } from 'commander'
import { lintCommand } from './lint-command.ts'

export function connectorCommand(): Command {
  return new Command('connector')
    .description('Work on connectors: the folders that describe systems')
    .addCommand(lintCommand())
}
