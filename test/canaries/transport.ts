/** @module One way to call a tool. */

export interface Answered {
  /** Status, headers and body, as they came. */
  readonly raw: string
  /** The one text block: the envelope or the error. */
  readonly text: string
  readonly isError: boolean
}

export interface Transport {
  readonly name: string
  isThere(url: string, token: string): Promise<boolean>
  call(url: string, token: string, tool: string, args: unknown): Promise<Answered>
  /** Ends what it holds open. */
  close?(): void
}
