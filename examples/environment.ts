/**
 * @module
 * Where the server, the accounts and the sandbox are, from environment variables.
 */
import { z } from 'zod'

const account = z.object({ id: z.string(), system: z.string() })
const variables = z.object({
  QUARTERMASTER_URL: z.url(),
  QUARTERMASTER_ADMIN_TOKEN: z.string().min(1),
  QUARTERMASTER_ACCOUNTS: z
    .string()
    .transform((text) => JSON.parse(text))
    .pipe(z.array(account)),
  SANDBOX_URL: z.url(),
})

/** The company that `serve --sandbox` connects. */
const tenant = 'acme'

export interface Environment {
  readonly url: string
  readonly token: string
  readonly tenant: string
  /** The sandbox's control API of the company. */
  readonly companyUrl: string
  /**
   * The id of the connected account of a system.
   *
   * @throws Error when there is none.
   */
  accountOf(system: string): string
}

/** @throws Error naming what is missing or wrong. */
export function environment(env: NodeJS.ProcessEnv): Environment {
  const parsed = variables.safeParse(env)
  if (!parsed.success) throw new Error(`Cannot start, see --help:\n${z.prettifyError(parsed.error)}`)
  const { QUARTERMASTER_URL: url, QUARTERMASTER_ADMIN_TOKEN: token, QUARTERMASTER_ACCOUNTS, SANDBOX_URL } = parsed.data
  return {
    url,
    token,
    tenant,
    companyUrl: `${SANDBOX_URL.replace(/\/+$/, '')}/__sandbox/${tenant}`,
    accountOf(system) {
      const found = QUARTERMASTER_ACCOUNTS.find((each) => each.system === system)
      if (!found) throw new Error(`Cannot start: QUARTERMASTER_ACCOUNTS holds no account of ${system}`)
      return found.id
    },
  }
}
