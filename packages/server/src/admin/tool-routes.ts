/**
 * @module
 * `GET /integrated-account/:id/tools`: which tools a URL of a configuration would have on an account, and with
 * `?explain` why it would not have the others. Nothing is issued.
 */
import { type McpServerConfig, mcpServerConfig } from '@quartermaster/protocol'
import { roles } from '@quartermaster/toolsets'
import { Hono } from 'hono'
import { accountOf, authenticate } from '../access/authenticate.ts'
import { Problem } from '../http/problem.ts'
import { checkJson } from '../http/read-json.ts'
import { checkLimit } from '../mcp/limit-requests.ts'
import { deriveTools } from '../tools/derive-tools.ts'
import { explainTools } from '../tools/explain-tools.ts'
import type { AdminDeps } from './admin-deps.ts'

export function toolRoutes(deps: AdminDeps): Hono {
  const routes = new Hono()

  routes.get('/:id/tools', async (c) => {
    const token = await authenticate(deps, c.req.raw, 'admin')
    const account = await accountOf(deps.store, token, c.req.param('id'))
    // The token takes the place of a URL: it is what asks.
    const refused = checkLimit(deps.lists, { id: token.id, tenant: account.tenant })
    if (refused) {
      const { retry_after_s: wait = 1 } = refused.failure
      throw new Problem(
        429,
        `Too many lists of tools are asked for with this API token, or for its tenant. Wait ${wait} s.`,
        { 'retry-after': String(wait) },
      )
    }
    const plain = deps.catalog.get(account.system)
    if (!plain) throw new Problem(409, "This installation no longer knows the account's system.")
    const connector = deps.classified(account.tenant, plain)
    const config = wantedConfig(c.req.query('role'), c.req.query('config'))
    const tools = deriveTools(connector, config, account.scopes)
    const forAccount = await deps.accountConnector({ account, connector, tools }, { actor: token.id })
    const explained = explainTools({ account, connector, forAccount }, config)
    const result =
      c.req.query('explain') === undefined
        ? explained.filter(({ available }) => available).map(({ name, title }) => ({ name, title }))
        : explained
    return c.json({ account_id: account.id, system: account.system, config, result })
  })

  return routes
}

/** @throws Problem 400 for both at once, an unknown role, or a configuration that could not be issued either. */
function wantedConfig(role: string | undefined, text: string | undefined): McpServerConfig {
  if (role !== undefined && text !== undefined) throw new Problem(400, 'Give a role or a config, not both.')
  if (role === undefined) return checkJson(text ?? '{}', mcpServerConfig)
  if (!isRole(role)) throw new Problem(400, `There is no such role. Known are: ${Object.keys(roles).join(', ')}.`)
  return mcpServerConfig.parse(roles[role].spec)
}

function isRole(name: string): name is keyof typeof roles {
  return Object.hasOwn(roles, name)
}
