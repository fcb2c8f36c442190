/**
 * @module
 * Who is calling the admin surface: a Bearer API token with the scope that the route asks for.
 */

import type { IntegratedAccount } from '../entities/account.ts'
import { type ApiScope, type ApiToken, covers } from '../entities/api-token.ts'
import { Problem } from '../http/problem.ts'
import type { Store } from '../store/open.ts'
import type { AccessDeps } from './find-access.ts'
import { findApiToken } from './find-api-token.ts'

/** @throws Problem 401 when there is no valid token, 403 when it lacks the scope. */
export async function authenticate(
  { store, now }: Pick<AccessDeps, 'store' | 'now'>,
  request: Request,
  scope: ApiScope,
): Promise<ApiToken> {
  const token = await findApiToken(store, request.headers.get('authorization') ?? undefined, now())
  if (!token) {
    throw new Problem(401, 'Send a valid API token: Authorization: Bearer qm_…', { 'www-authenticate': 'Bearer' })
  }
  if (!token.scopes.includes(scope)) throw new Problem(403, `This API token does not have the scope "${scope}".`)
  return token
}

/**
 * The account with this id, if it is the token's to touch.
 * @throws Problem 404, the same for an account that does not exist and for another tenant's.
 */
export async function accountOf(store: Store, token: ApiToken, id: string): Promise<IntegratedAccount> {
  const account = /^acc_[0-9A-Za-z]{16}$/.test(id) ? await store.accounts.find(id) : undefined
  if (!account || !covers(token, account.tenant)) throw new Problem(404, 'There is no such integrated account.')
  return account
}

/**
 * The tenant that a request is about: the token's own, or the one an operator names.
 * @throws Problem 403 for a foreign tenant, 400 when an operator names none.
 */
export function tenantFor(token: ApiToken, named: string | undefined): string {
  const tenant = named ?? token.tenant
  if (tenant === undefined) throw new Problem(400, 'Name the tenant: this token covers all of them.')
  if (!covers(token, tenant)) throw new Problem(403, 'This API token belongs to another tenant.')
  return tenant
}

/**
 * The tenant whose rows a list holds; undefined for those of all tenants, when an operator names none.
 * @throws Problem 403 for a foreign tenant.
 */
export function tenantFilter(token: ApiToken, named: string | undefined): string | undefined {
  return named === undefined ? token.tenant : tenantFor(token, named)
}
