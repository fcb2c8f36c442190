/**
 * @module
 * All commands in one list.
 */
import { Command } from 'commander'
import { auditCommand } from './audit/audit-command.ts'
import { checkCommand } from './check/check-command.ts'
import { connectCommand } from './connect/connect-command.ts'
import { connectorCommand } from './connector/connector-command.ts'
import { demoCommand } from './demo/demo-command.ts'
import { issueCommand } from './issue/issue-command.ts'
import { keysCommand } from './keys/keys-command.ts'
import { latencyCommand } from './latency/latency-command.ts'
import { moveCommand } from './move/move-command.ts'
import { revokeCommand } from './revoke/revoke-command.ts'
import { sandboxCommand } from './sandbox/sandbox-command.ts'
import { serveCommand } from './serve/serve-command.ts'
import { serversCommand } from './servers/servers-command.ts'
import { tokensCommand } from './tokens/tokens-command.ts'

export function program(): Command {
  return new Command('quartermaster')
    .description(
      'Gives AI agents live CRM data, safely: role-scoped MCP tools over the accounts your customers connect.',
    )
    .version('0.1.0')
    .showHelpAfterError('Run the command with --help to see what it takes.')
    .addCommand(demoCommand())
    .addCommand(serveCommand())
    .addCommand(sandboxCommand())
    .addCommand(connectCommand())
    .addCommand(issueCommand())
    .addCommand(checkCommand())
    .addCommand(serversCommand())
    .addCommand(latencyCommand())
    .addCommand(tokensCommand())
    .addCommand(revokeCommand())
    .addCommand(moveCommand())
    .addCommand(keysCommand())
    .addCommand(auditCommand())
    .addCommand(connectorCommand())
    .addHelpText(
      'after',
      `
Start here:
  $ quartermaster demo                     see it work: two systems, three roles, two crews, nothing to set up
  $ quartermaster serve --sandbox          a server with two connected accounts to build against
  $ quartermaster issue <account> --role analytics
                                           a tool URL for one role, for any MCP client`,
    )
}
