/**
 * @module
 * Reads which client sends an `initialize` or `server/discover` request. Several clients hide why a connection fails,
 * so the operator's log shows it.
 */
import { CLIENT_INFO_META_KEY, PROTOCOL_VERSION_META_KEY } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { redactTokens } from '../keys/tokens.ts'
import { cleanText } from '../policy/clean-text.ts'

const MAX_NAME = 80
const MAX_VERSION = 16

const clientInfo = z.object({ name: z.string(), version: z.string() })

const introduction = z.union([
  z
    .object({
      method: z.literal('initialize'),
      params: z.object({ clientInfo, protocolVersion: z.string() }),
    })
    .transform(({ params }) => ({ ...params.clientInfo, protocolVersion: params.protocolVersion })),
  z
    .object({
      method: z.literal('server/discover'),
      params: z.object({
        _meta: z.object({ [CLIENT_INFO_META_KEY]: clientInfo, [PROTOCOL_VERSION_META_KEY]: z.string() }),
      }),
    })
    .transform(({ params: { _meta: meta } }) => ({
      ...meta[CLIENT_INFO_META_KEY],
      protocolVersion: meta[PROTOCOL_VERSION_META_KEY],
    })),
])

/** The client's name and the revision it asks for, cleaned and cut; undefined when the message is no introduction. */
export function readClientInfo(
  body: object,
): { readonly client: string; readonly protocolVersion: string } | undefined {
  const { method } = body as { readonly method?: unknown }
  if (method !== 'initialize' && method !== 'server/discover') return undefined
  const { success, data } = introduction.safeParse(body)
  if (!success) return undefined
  return {
    client: cleanText(redactTokens(`${data.name} ${data.version}`), MAX_NAME),
    protocolVersion: cleanText(redactTokens(data.protocolVersion), MAX_VERSION),
  }
}
