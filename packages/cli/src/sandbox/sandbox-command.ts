/**
 * @module
 * `quartermaster sandbox`: runs the faked vendors alone, for tests in any language.
 */
import { Command, InvalidArgumentError } from 'commander'
import { readPort } from '../read-port.ts'
import { untilStopSignal } from '../until-stop-signal.ts'
import { sandboxApp, sandboxTenants } from './sandbox-app.ts'

export function sandboxCommand(): Command {
  return new Command('sandbox')
    .description('Run faked vendors: HubSpot and Salesforce on one port, with OAuth, quotas and faults to arm')
    .option('--port <number>', 'port to listen on; 0 picks a free one', readPort, 4800)
    .option('--seed <number>', 'which demo companies to generate', readSeed, 1)
    .addHelpText(
      'after',
      `
Paths:    /<tenant>/hubspot/…   /<tenant>/salesforce/…      tenants: ${sandboxTenants.join(', ')}
OAuth:    client ${sandboxApp.clientId}, secret ${sandboxApp.clientSecret}; add ?as=user to an authorize URL to approve at once
Control:  /__sandbox/<tenant>/<vendor>/{faults,counters,windows,tokens,records}
  $ curl -X POST localhost:4800/__sandbox/acme/hubspot/faults -d '{"kind":"rate_limit","times":3}'`,
    )
    .action(async (options: { port: number; seed: number }) => {
      const stopping = untilStopSignal()
      const { startSandbox } = await import('./start-sandbox.ts')
      const running = await startSandbox(options)
      process.stdout.write(`${JSON.stringify({ ready: true, sandbox_url: running.url, tenants: sandboxTenants })}\n`)
      await stopping
      await running.stop()
    })
}

function readSeed(text: string): number {
  const seed = Number(text)
  if (!Number.isSafeInteger(seed)) throw new InvalidArgumentError('A seed is a whole number.')
  return seed
}
