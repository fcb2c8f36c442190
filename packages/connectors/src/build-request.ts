/**
 * @module
 * From checked input to a request: path, query and body, below the connection's base.
 */
import type { UpstreamRequest } from './contract.ts'
import type { Expression } from './expression.ts'
import { fillPath, fillQuery, joinUrl, type QueryValue } from './fill-path.ts'

/** A request of a connector file with its expressions compiled. `path` has the connector's prefix. */
export interface RequestTemplate {
  readonly method: UpstreamRequest['method']
  readonly path: string
  readonly headers: { readonly [name: string]: string }
  readonly query?: Expression
  readonly body?: Expression
}

export interface RequestValues {
  readonly base: string
  /** The root of the expressions. */
  readonly args: { readonly [name: string]: string | number | boolean }
  readonly bindings: { readonly [name: string]: unknown }
  readonly id?: string
  /** A ready query, such as a next link's; it takes the place of the template's. */
  readonly query?: string
}

/**
 * @throws RangeError when a value cannot be part of the URL, or the URL would leave the base.
 * @throws when an expression fails, for example because text is not a string.
 */
export async function buildRequest(template: RequestTemplate, values: RequestValues): Promise<UpstreamRequest> {
  const { args, bindings, id } = values
  const segments = Object.fromEntries(Object.entries(args).map(([name, value]) => [name, String(value)]))
  const path = fillPath(template.path, { ...segments, ...(id === undefined ? {} : { id }) })
  const asked = (await template.query?.(args, bindings)) as { readonly [name: string]: QueryValue } | undefined
  const query = values.query ?? fillQuery(asked ?? {})
  const body = template.body && (await template.body(args, bindings))
  return {
    method: template.method,
    url: joinUrl(values.base, `${path}${query}`),
    headers: { ...template.headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }
}
