/**
 * @module
 * Asks systems which fields an account has: nothing that has not been recorded, one question at a time for each account
 * and resource, whoever wants its answer, and none for a while to a system that has just not answered.
 */
import type { FieldSource, Method } from '@quartermaster/connectors'
import { LRUCache } from 'lru-cache'
import type { IntegratedAccount } from '../entities/account.ts'
import type { AccessToken, TokenSource } from '../vault/token-source.ts'
import type { AccountFields } from './account-fields.ts'
import { type AuthorizedSendDeps, authorizedSend } from './authorized-send.ts'
import { within } from './call-deadline.ts'

export interface FieldQuestionDeps extends AuthorizedSendDeps {
  readonly tokens: TokenSource
  readonly fields: AccountFields
  readonly now: () => number
}

export interface Question {
  readonly source: FieldSource
  readonly method: Method
}

export interface FieldQuestions {
  /**
   * Asks what is not under way already.
   *
   * @param record Called once before anything is asked, and not at all when nothing is. When it rejects, nothing was asked.
   */
  ask(account: IntegratedAccount, questions: readonly Question[], record: () => Promise<void>): void
  /**
   * Resolves when all of these that are under way are over, with an answer or without; undefined when none is. Whoever
   * has begun them.
   */
  over(account: IntegratedAccount, questions: readonly Question[]): Promise<void> | undefined
}

/** A question has the time of a call. */
const QUESTION_MS = 9_500
/** A system that has just not answered is left alone. */
const REST_MS = 60_000
const MAX_RESTING = 4_000

/** @param onAnswer Told of each account whose system has said something. */
export function fieldQuestions(
  deps: FieldQuestionDeps,
  onAnswer: (account: IntegratedAccount) => void,
): FieldQuestions {
  const { now, tokens, fields, quota } = deps
  /** Until when each rests; a question of a system that is not among the last is asked early. */
  const resting = new LRUCache<string, number>({ max: MAX_RESTING })
  const underWay = new Map<string, Promise<void>>()

  /** True when the system has said which fields there are. */
  async function put(account: IntegratedAccount, { source, method }: Question): Promise<boolean> {
    const deadline = { expiresAt: now() + QUESTION_MS, now, signal: new AbortController().signal }
    const askWith = async (token: AccessToken) => {
      const connection = { base: token.apiBase, now: now() }
      const via = { authorized: authorizedSend(deps, account, token, deadline), tokenVer: token.ver }
      const sent = { url: source.prepare(connection).url, at: now() }
      const found = await fields.of(account, { method, source, input: { args: {} } }, connection, via)
      if ('refused' in found) await quota.recordQuotaHeaders(account, sent, found.refused)
      return found
    }
    try {
      const token = await within(deadline, tokens.token(account))
      const first = await askWith(token)
      const isRejected = 'refused' in first && first.refused.unauthorized === true
      const found = isRejected ? await askWith(await within(deadline, tokens.token(account, token.ver))) : first
      return 'fields' in found && found.fields.length > 0
    } catch {
      // Whatever it is, a call will meet it too, and can say so.
      return false
    }
  }

  async function settle(account: IntegratedAccount, question: Question, recorded: Promise<void>): Promise<void> {
    const isRecorded = await recorded.then(
      () => true,
      () => false,
    )
    // The audit is not the system: it is asked as soon as that can be recorded again.
    if (!isRecorded) return
    if (await put(account, question)) return onAnswer(account)
    resting.set(keyOf(account, question), now() + REST_MS)
  }

  return {
    ask(account, questions, record) {
      const isOpen = (question: Question) => {
        const key = keyOf(account, question)
        return !underWay.has(key) && (resting.get(key) ?? 0) <= now()
      }
      const begun = account.status === 'active' ? questions.filter(isOpen) : []
      if (begun.length === 0) return
      const recorded = record()
      for (const question of begun) {
        const key = keyOf(account, question)
        underWay.set(
          key,
          settle(account, question, recorded).finally(() => underWay.delete(key)),
        )
      }
    },
    over(account, questions) {
      const waited = questions.flatMap((question) => underWay.get(keyOf(account, question)) ?? [])
      return waited.length > 0 ? Promise.all(waited).then(() => undefined) : undefined
    },
  }
}

function keyOf(account: IntegratedAccount, { source }: Question): string {
  return `${account.id}|${source.resource}`
}
