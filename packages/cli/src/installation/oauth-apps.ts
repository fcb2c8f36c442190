/**
 * @module
 * This installation's OAuth clients, from the environment: QUARTERMASTER_<SYSTEM>_CLIENT_ID and _CLIENT_SECRET.
 */
import type { OAuthApp } from '@quartermaster/server'

export function oauthApps(env: NodeJS.ProcessEnv): (system: string) => OAuthApp | undefined {
  return (system) => {
    const prefix = `QUARTERMASTER_${system.toUpperCase()}`
    const clientId = env[`${prefix}_CLIENT_ID`]
    const clientSecret = env[`${prefix}_CLIENT_SECRET`]
    return clientId && clientSecret ? { clientId, clientSecret } : undefined
  }
}
