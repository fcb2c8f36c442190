/**
 * @module
 * All commands in one list, of which a run loads the one that it is about.
 */
import { Command } from 'commander'

/** In the order of the help. Each is loaded when it is asked for, so that none pays for what another needs. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  demo: async () => (await import('./demo/demo-command.ts')).demoCommand(),
  serve: async () => (await import('./serve/serve-command.ts')).serveCommand(),
  sandbox: async () => (await import('./sandbox/sandbox-command.ts')).sandboxCommand(),
  connect: async () => (await import('./connect/connect-command.ts')).connectCommand(),
  issue: async () => (await import('./issue/issue-command.ts')).issueCommand(),
  check: async () => (await import('./check/check-command.ts')).checkCommand(),
  servers: async () => (await import('./servers/servers-command.ts')).serversCommand(),
  latency: async () => (await import('./latency/latency-command.ts')).latencyCommand(),
  tokens: async () => (await import('./tokens/tokens-command.ts')).tokensCommand(),
  revoke: async () => (await import('./revoke/revoke-command.ts')).revokeCommand(),
  move: async () => (await import('./move/move-command.ts')).moveCommand(),
  keys: async () => (await import('./keys/keys-command.ts')).keysCommand(),
  audit: async () => (await import('./audit/audit-command.ts')).auditCommand(),
  connector: async () => (await import('./connector/connector-command.ts')).connectorCommand(),
}

/**
 * @param args What follows `quartermaster`. The command that they name is the only one there is; when they name none, as
 * for help, all are.
 */
export async function program(args: readonly string[]): Promise<Command> {
  const named = args.find((arg) => arg !== 'help' && !arg.startsWith('-'))
  const only = named !== undefined && Object.hasOwn(commands, named) ? commands[named] : undefined
  const loaded = await Promise.all((only ? [only] : Object.values(commands)).map((load) => load()))
  const all = new Command('quartermaster')
    .description(
      'Gives AI agents live CRM data, safely: role-scoped MCP tools over the accounts your customers connect.',
    )
    .version('0.1.0')
    .showHelpAfterError('Run the command with --help to see what it takes.')
    .addHelpText(
      'after',
      `
Start here:
  $ quartermaster demo                     see it work: two systems, three roles, two crews, nothing to set up
  $ quartermaster serve --sandbox          a server with two connected accounts to build against
  $ quartermaster issue <account> --role analytics
                                           a tool URL for one role, for any MCP client`,
    )
  for (const command of loaded) all.addCommand(command)
  return all
}
