/**
 * @module
 * The part of oidc-provider that the tests use; the package carries no types.
 */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http'

  interface Claims {
    readonly sub: string
  }

  interface Configuration {
    readonly clients: readonly Readonly<Record<string, unknown>>[]
    readonly scopes: readonly string[]
    readonly pkce: { readonly required: () => boolean }
    readonly features: Readonly<Record<string, { readonly enabled: boolean }>>
    readonly ttl: Readonly<Record<string, number>>
    readonly cookies: { readonly keys: readonly string[] }
    issueRefreshToken(): Promise<boolean>
    findAccount(context: unknown, id: string): Promise<{ readonly accountId: string; claims(): Promise<Claims> }>
  }

  class Provider {
    constructor(issuer: string, configuration: Configuration)
    callback(): (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>
  }

  export { Provider }
}
