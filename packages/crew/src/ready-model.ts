/**
 * @module
 * A model by its name, tried once before work begins: a missing package, a missing key or a wrong name shows at once, in
 * words that say what to do.
 */
import { initChatModel } from 'langchain'
import type { ToolCallingModel } from './scripted-model.ts'

const ANSWER_MS = 30_000

/**
 * The model of that name, such as `openai:gpt-5.5`, after it has answered one short question; that call is paid for.
 *
 * @example
 * ```ts
 * const model = await readyModel('openai:gpt-5.5') // reads OPENAI_API_KEY, and OPENAI_BASE_URL if it is set
 * ```
 * @throws Error saying what to install, to set or to correct, with the fault as its cause. The signal's reason when it
 * is aborted.
 */
export async function readyModel(
  name: string,
  options: { readonly signal?: AbortSignal } = {},
): Promise<ToolCallingModel> {
  const limit = AbortSignal.timeout(ANSWER_MS)
  const signal = options.signal ? AbortSignal.any([options.signal, limit]) : limit
  try {
    // Model calls retry when a provider fails; this check says early that there is no provider.
    const impatient = await initChatModel(name, { maxRetries: 0 })
    await impatient.invoke('Answer with the word: ready', { signal })
    return await initChatModel(name)
  } catch (cause) {
    options.signal?.throwIfAborted()
    const why = limit.aborted ? `it did not answer within ${ANSWER_MS / 1000} s` : whyNot(name, cause)
    throw new Error(`Cannot use the model ${name}: ${why}`, { cause })
  }
}

function whyNot(name: string, cause: unknown): string {
  const [said = ''] = cause instanceof Error ? cause.message.split('\n', 1) : [String(cause)]
  const missing = /Unable to import (\S+?)\.? /.exec(said)?.[1]
  if (missing) return `its provider's package is not installed. Run: npm install ${missing}`
  if (said.includes('modelProvider')) {
    return 'there is no such provider. Name it as <provider>:<model>, such as openai:gpt-5.5'
  }
  if (!/credential|api.?key|unauthorized|\b401\b/i.test(said)) return said || 'it gave no reason'
  // Most providers name the variable; the others call it after themselves.
  const provider = name.split(':', 1)[0]?.toUpperCase().replaceAll('-', '_')
  const variable = /\b[A-Z][A-Z0-9_]{0,60}_KEY\b/.exec(said)?.[0] ?? `${provider}_API_KEY`
  return process.env[variable]
    ? `its provider refused the key in ${variable}: ${said}`
    : `there is no key. Set ${variable}`
}
