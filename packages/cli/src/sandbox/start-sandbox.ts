/**
 * @module
 * Starts the faked vendors on one port of this machine.
 */
import { createSandbox, listen, type Sandbox } from '@quartermaster/sandbox'
import { sandboxTenants } from './sandbox-app.ts'

export interface RunningSandbox {
  readonly url: string
  readonly sandbox: Sandbox
  stop(): Promise<void>
}

export async function startSandbox(options: {
  readonly port: number
  readonly seed?: number
}): Promise<RunningSandbox> {
  const sandbox = createSandbox({ tenants: sandboxTenants, seed: options.seed ?? 1 })
  const { url, close } = await listen(sandbox, options.port)
  return { url, sandbox, stop: close }
}
