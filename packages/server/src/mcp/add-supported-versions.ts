/**
 * @module
 * Adds all supported protocol versions to an answer that names versions. The library names only the newest one in
 * `server/discover` and in its error for an unknown version, but older ones are served at the same address.
 */
import { SUPPORTED_PROTOCOL_VERSIONS } from '@modelcontextprotocol/server'

interface Answer {
  readonly result?: { readonly supportedVersions?: readonly string[] }
  readonly error?: { readonly code: number; readonly data?: { readonly supported?: readonly string[] } }
}

/** The answer with every served revision, the newest first; other answers as they are. */
export async function addSupportedVersions(response: Response): Promise<Response> {
  if (!response.headers.get('content-type')?.includes('application/json')) return response
  const answer = (await response.json()) as Answer
  const { result, error } = answer
  const { status, headers } = response
  if (result?.supportedVersions) {
    const supportedVersions = all(result.supportedVersions)
    return Response.json({ ...answer, result: { ...result, supportedVersions } }, { status, headers })
  }
  if (error?.data?.supported) {
    const data = { ...error.data, supported: all(error.data.supported) }
    return Response.json({ ...answer, error: { ...error, data } }, { status, headers })
  }
  return Response.json(answer, { status, headers })
}

function all(newest: readonly string[]): string[] {
  return [...new Set([...newest, ...SUPPORTED_PROTOCOL_VERSIONS])]
}
