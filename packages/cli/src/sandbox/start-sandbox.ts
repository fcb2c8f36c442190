/**
 * @module
 * Starts the faked vendors on one port of this machine.
 */
import { createSandbox, listen, type Sandbox } from '@quartermaster/sandbox'
import type { OAuthApp } from '@quartermaster/server'

/** The demo companies. */
export const sandboxTenants = ['acme', 'globex'] as const

/** The client that every faked vendor knows. */
export const sandboxApp: OAuthApp = { clientId: 'sandbox-client', clientSecret: 'sandbox-secret' }

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
