/**
 * @module
 * The origins that a tenant's people may be sent back to after connecting: `<tenant>=<origin>`, from the command line
 * and from QUARTERMASTER_RETURN_ORIGINS, separated by commas.
 */
import { isReturnOrigin } from '@quartermaster/server'

/** @throws Error that names the entry which is not one. */
export function returnOrigins(
  options: readonly string[],
  env: NodeJS.ProcessEnv,
): (tenant: string) => readonly string[] {
  const listed = (env['QUARTERMASTER_RETURN_ORIGINS'] ?? '').split(',').filter((entry) => entry.trim() !== '')
  const byTenant = new Map<string, string[]>()
  for (const entry of [...listed, ...options]) {
    const [, tenant, origin] = /^([a-z0-9][a-z0-9_-]{0,62})=(.+)$/.exec(entry.trim()) ?? []
    if (tenant === undefined || origin === undefined || !isReturnOrigin(origin)) {
      throw new Error(
        `Cannot use "${entry.trim()}" as a return origin: write <tenant>=https://host[:port], without a path`,
      )
    }
    byTenant.set(tenant, [...(byTenant.get(tenant) ?? []), origin])
  }
  return (tenant) => byTenant.get(tenant) ?? []
}
