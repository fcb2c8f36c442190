/**
 * @module
 * The `auth` part of the closed format: where a system's authorization server is, which scopes are asked for and why,
 * which other grants it takes, and how it says who has connected.
 */
import { z } from 'zod'

const word = z.string().regex(/^[a-z][a-z0-9_]{0,47}$/, 'must be snake_case, at most 48 characters')
const expression = z.string().min(1).max(2_000)

export const httpsUrl = z
  .string()
  .regex(/^https:\/\/[a-z0-9.-]+(\/[A-Za-z0-9._/-]*[A-Za-z0-9])?$/, 'must be a plain https URL')
export const hostPattern = z.string().regex(/^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'must be a host name')
export const scopeName = z.string().regex(/^[A-Za-z0-9._:/-]+$/)

/** A scope with the reason that the person who connects is shown. */
const scope = z.strictObject({ scope: scopeName, why: z.string().min(10).max(160) })

export const authFile = z.strictObject({
  kind: z.literal('oauth2'),
  authorize_url: httpsUrl,
  token_url: httpsUrl,
  revoke_url: httpsUrl.optional(),
  /** How a token is revoked there (RFC 7009), where that differs from what it says. */
  revocation: z
    .strictObject({
      /** `none` when the system asks for the token alone. */
      client: z.enum(['secret', 'none']).default('secret'),
      /** Whether `token_type_hint` is sent. */
      hint: z.boolean().default(false),
      /** Answers that mean that the token was not known, so that nothing is left to do. */
      unknown_token: z
        .array(z.strictObject({ status: z.number().int().min(400).max(499), includes: z.string().min(1).max(100) }))
        .default([]),
    })
    .prefault({}),
  /** How many grants one user can have given one app at a time; one more ends the oldest. */
  max_grants_per_user: z.number().int().positive().optional(),
  /** When given, every authorization response must carry exactly this `iss` (RFC 9207). */
  issuer: httpsUrl.optional(),
  /** Hosts that the system's own sign-in and consent pages may lead through. */
  pages: z.array(hostPattern).default([]),
  scopes: z.strictObject({ required: z.array(scope), optional: z.array(scope).default([]) }),
  optional_scope_parameter: word.optional(),
  granted_scopes: z.enum(['scope', 'scopes']),
  default_expires_in_s: z.number().int().positive(),
  /** Seconds for which a refresh token that has just been replaced is still taken. */
  refresh_grace_s: z.number().int().positive().max(86_400).optional(),
  keep: z.array(word).default([]),
  identity: z
    .strictObject({
      /** `bearer`: GET with the new token. `introspection`: POST as in RFC 7662, with our client's credentials. */
      ask: z.enum(['bearer', 'introspection']),
      /** A URL, or a kept member of the token response that holds one. */
      url: z.union([httpsUrl, z.string().regex(/^\{[a-z_]+\}$/, 'must be an https URL or {member}')]),
      user_id: expression,
      user: expression,
      org_id: expression,
      org: expression,
    })
    .optional(),
  other_grants: z
    .strictObject({
      /** Where the customer's own token endpoint may be; the customer names the host. */
      client_credentials: z.strictObject({ host: hostPattern }).optional(),
      jwt_bearer: z.strictObject({ audience: httpsUrl }).optional(),
      static_token: z.strictObject({}).optional(),
    })
    .default({}),
  token_errors: z
    .array(
      z.strictObject({
        member: word,
        includes: z.string().min(1).max(100),
        means: z.enum(['dead', 'contention', 'operator', 'transient']),
      }),
    )
    .default([]),
})

export type AuthFile = z.infer<typeof authFile>
