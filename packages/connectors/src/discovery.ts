/**
 * @module
 * How the account's own field names are asked for and read; names that could do harm elsewhere are left out.
 */
import { FailureError } from '@quartermaster/protocol'
import { classifyFailure } from './classify-failure.ts'
import type { ConnectorFile, ResourceFile } from './connector-file.ts'
import type { Discovery, UpstreamResponse } from './contract.ts'
import { describeFailure } from './describe-failure.ts'
import type { ExpressionCompiler } from './expression-compiler.ts'
import { dangerousKeys } from './expression-functions.ts'
import { joinUrl } from './fill-path.ts'
import { parseBody } from './parse-body.ts'

/** More names would make URLs longer than systems accept. */
const MOST_NAMES = 200

/**
 * Builds a discovery. `read` rejects with a `FailureError` when the answer is not what it should be, so that the caller
 * can decide to go on without custom fields.
 */
export function buildDiscovery(
  file: ConnectorFile,
  resource: string,
  discover: NonNullable<ResourceFile['discover']>,
  compiler: ExpressionCompiler,
  path: string,
): Discovery {
  const names = compiler.compile(`${path}.names`, discover.names, [])
  const action = `find out the fields of the ${resource}`
  const facts = {
    action,
    label: file.label,
    resource,
    scopes: [],
    hasId: false,
    writes: false,
    isId: () => false,
    fieldNames: new Map(),
  }
  const target = `${file.api.prefix}${discover.request.path}`
  const headers = { ...file.api.headers, ...discover.request.headers }
  return {
    key: resource,
    prepare: ({ base }) => ({ method: discover.request.method, url: joinUrl(base, target), headers }),
    read: async (response: UpstreamResponse) => {
      if (response.status !== 200) {
        const outcome = await classifyFailure([], file.quota, response, facts)
        if (!outcome.ok) throw new FailureError(outcome.failure)
      }
      const body = parseBody(response.body)
      const found = body.ok ? await Promise.resolve(names(body.value)).catch(() => undefined) : undefined
      if (!Array.isArray(found)) throw new FailureError(describeFailure({ ...facts, code: 'upstream_invalid' }))
      return found.filter(isPlainName).slice(0, MOST_NAMES)
    },
  }
}

function isPlainName(name: unknown): name is string {
  return typeof name === 'string' && /^[A-Za-z][A-Za-z0-9_]{0,99}$/.test(name) && !dangerousKeys.has(name)
}
