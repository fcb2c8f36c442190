/**
 * @module
 * The two options with which a command finds its server, and a JSON request to its admin API.
 */
import { type Command, Option } from 'commander'

export interface AdminConnection {
  readonly server: string
  readonly token: string
}

export function withAdminOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--server <url>', 'where the server is').env('QUARTERMASTER_URL').default('http://127.0.0.1:4700'),
    )
    .addOption(
      new Option('--token <token>', 'an API token with the scope admin')
        .env('QUARTERMASTER_ADMIN_TOKEN')
        .makeOptionMandatory(),
    )
}

interface ProblemBody {
  readonly detail?: unknown
}

/** @throws Error with what the server said and what to do. */
export async function adminRequest(
  { server, token }: AdminConnection,
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<unknown> {
  const url = new URL(path, server)
  let response: Response
  try {
    response = await fetch(url, {
      method,
      redirect: 'error',
      signal: AbortSignal.timeout(10_000),
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  } catch (cause) {
    throw new Error(`Cannot reach ${url.origin}: is the server running? Start it with "quartermaster serve"`, { cause })
  }
  const text = await response.text()
  const answer: unknown = text.startsWith('{') ? JSON.parse(text) : undefined
  if (response.ok) return answer
  const { detail } = (answer ?? {}) as ProblemBody
  throw new Error(
    `Cannot ${method} ${url.pathname}: ${typeof detail === 'string' ? detail : `HTTP ${response.status}`}`,
  )
}
