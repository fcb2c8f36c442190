/**
 * @module
 * A refusal of the admin API, read from RFC 9457 problem details.
 */
import { z } from 'zod'

const problem = z.object({
  type: z.string().optional(),
  title: z.string().optional(),
  detail: z.string().optional(),
})

/** The admin API refused a request, or its answer could not be read. */
export class AdminError extends Error {
  override readonly name = 'AdminError'
  /** The HTTP status; 502 when the answer could not be read. */
  readonly status: number
  /** The problem's type, a URI that stays the same when words change. */
  readonly type: string | undefined

  constructor(message: string, options: { status: number; type?: string | undefined; cause?: unknown }) {
    super(message, { cause: options.cause })
    this.status = options.status
    this.type = options.type
  }

  /** `request` is a method and the first segment of a path: no id, no token. */
  static from(request: string, status: number, body: unknown): AdminError {
    const { type, title, detail } = problem.safeParse(body).data ?? {}
    const reason = [title, detail].filter(Boolean).join(': ') || 'no reason given'
    return new AdminError(`Cannot ${request}: ${reason} (HTTP ${status})`, { status, type })
  }
}
