/**
 * @module
 * The documented tools that an account cannot offer, because its grant lacks scopes they need.
 */
import type { Connector } from '@quartermaster/connectors'

export interface HiddenTool {
  readonly name: string
  readonly missing_scopes: readonly string[]
}

/** In catalog order. Nothing is hidden while the system does not say what it granted. */
export function hiddenTools(connector: Connector, scopes: readonly string[] | undefined): readonly HiddenTool[] {
  if (scopes === undefined) return []
  return connector.methods.flatMap(({ tool, scopes: needed }) => {
    const missing = needed.filter((scope) => !scopes.includes(scope))
    return tool && missing.length > 0 ? [{ name: tool.name, missing_scopes: missing }] : []
  })
}
