/**
 * @module
 * One call of a method, whether it takes one request or several: pages are gathered within the method's own bound and
 * the caller's time, and what was left out is said. Sending is a parameter.
 */
import type { Method, MethodInput, MethodOutcome, OkOutcome } from './contract.ts'

/**
 * Runs the method.
 *
 * A failure of the first request is the call's failure. A later one ends the gathering: the answer then covers what was
 * read so far and says that it is not complete, because a caller who had to start over would meet the same limit again.
 * Only a refused access token fails the whole call, which can be repeated with another one.
 *
 * @param ask sends one request and reads its answer.
 * @param mayGoOn false when there is no time for another request.
 * @throws what `ask` throws for the first request, and later while there is time left.
 */
export async function runMethod(
  method: Pick<Method, 'collect'>,
  input: MethodInput,
  ask: (input: MethodInput) => Promise<MethodOutcome>,
  mayGoOn: () => boolean,
): Promise<MethodOutcome> {
  const { collect } = method
  if (!collect) return ask(input)
  const pages: OkOutcome[] = []
  let cursor: string | undefined
  do {
    const page = await next(cursor === undefined ? input : { ...input, cursor }, pages.length > 0, ask, mayGoOn)
    if (page === undefined) return collect.fold(pages, false)
    if (!page.ok) {
      if (pages.length === 0 || page.unauthorized === true) return page
      return { ...collect.fold(pages, false), quotas: page.quotas }
    }
    pages.push(page)
    cursor = page.cursor
  } while (cursor !== undefined && pages.length < collect.requests && mayGoOn())
  return collect.fold(pages, cursor === undefined)
}

/** Undefined when a later request was given up because the time was over. */
async function next(
  input: MethodInput,
  isLater: boolean,
  ask: (input: MethodInput) => Promise<MethodOutcome>,
  mayGoOn: () => boolean,
): Promise<MethodOutcome | undefined> {
  try {
    return await ask(input)
  } catch (error) {
    if (isLater && !mayGoOn()) return undefined
    throw error
  }
}
