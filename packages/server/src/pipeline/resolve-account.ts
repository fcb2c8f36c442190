/**
 * @module
 * The first guard: on a URL over several accounts, a call becomes a call on the one account that it means. Everything
 * after knows one account only.
 */
import { ACCOUNT_ARGUMENT, accountWords } from '../tools/offer.ts'
import type { Tool } from '../tools/tool.ts'
import type { Access, Call } from './call.ts'
import type { Guard } from './compose.ts'

/**
 * Finds the account by the tool, or by the argument `account` when several serve it. A call that does not say goes on as
 * it is: the tool's published schema requires the argument, and the refusal names the accounts there are.
 */
export function resolveAccount(): Guard<'resolveAccount', Call, Partial<AccountCall>, never> {
  return { name: 'resolveAccount', after: [], run: (call, next) => next(resolved(call)) }
}

type AccountCall = Pick<Call, 'access' | 'args'>

/** What of the call is another for the account. */
function resolved({ access, toolName, args }: Call): Partial<AccountCall> {
  const variants = access.tools.find(({ name }) => name === toolName)?.variants
  if (!variants) return {}
  const [only] = variants.keys()
  if (variants.size === 1 && only !== undefined) return { access: restrictTo(access, only) }
  if (typeof args !== 'object' || args === null) return {}
  const { [ACCOUNT_ARGUMENT]: word, ...rest } = args as Readonly<Record<string, unknown>>
  return typeof word === 'string' && variants.has(word) ? { access: restrictTo(access, word), args: rest } : {}
}

/** As if the URL had this account only. */
function restrictTo(access: Access, word: string): Access {
  const { bindings = [], tools } = access
  const words = accountWords(bindings.map(({ account }) => account))
  const own = bindings.find(({ account }) => words.get(account.id) === word)
  if (!own) return access
  const served = tools.flatMap(({ variants }): readonly Tool[] => {
    const variant = variants?.get(word)
    return variant ? [variant] : []
  })
  return { ...access, account: own.account, bindings: [own], tools: served }
}
