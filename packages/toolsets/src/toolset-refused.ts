/**
 * @module
 * Why an agent is not given the tools of a URL: it would see or do more than its role, or could not do its work.
 */

/**
 * - `weaker_redaction`: the URL shows personal data that the toolset hides, or does not say what it shows.
 * - `unknown_methods`: the toolset names methods that no tool behind the URL has.
 * - `too_many_tools`: more than {@link Toolset.maxTools}. `no_tools`: none is of the toolset.
 */
export type RefusalWhy = 'weaker_redaction' | 'unknown_methods' | 'too_many_tools' | 'no_tools'

/** The tools behind a URL are not those of the toolset, so the agent must not start. */
export class ToolsetRefused extends Error {
  override readonly name = 'ToolsetRefused'
  readonly toolset: string
  readonly why: RefusalWhy
  /** The tools, or the words of the toolset, that it is about. */
  readonly about: readonly string[]

  /** `reason` ends the sentence "Cannot equip the agent: …". */
  constructor(toolset: string, why: RefusalWhy, about: readonly string[], reason: string) {
    super(`Cannot equip the agent: ${reason}`)
    this.toolset = toolset
    this.why = why
    this.about = about
  }
}
