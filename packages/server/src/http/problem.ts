/**
 * @module
 * Errors of the HTTP surface as problem details (RFC 9457). `detail` says what is the case and what to do; it never
 * repeats a value that the caller sent.
 */
const titles = {
  400: 'Bad request',
  401: 'Not authenticated',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  413: 'Body too large',
  415: 'Unsupported media type',
  421: 'Misdirected request',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Unavailable',
} as const

export type ProblemStatus = keyof typeof titles

/** Thrown by a handler, turned into a response by {@link problemResponse}. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly status: ProblemStatus
  readonly headers: { readonly [name: string]: string }

  constructor(status: ProblemStatus, detail: string, headers: { readonly [name: string]: string } = {}) {
    super(detail)
    this.status = status
    this.headers = headers
  }
}

export function problemResponse(problem: Problem, requestId: string): Response {
  const body = {
    type: 'about:blank',
    title: titles[problem.status],
    status: problem.status,
    detail: problem.message,
    request_id: requestId,
  }
  return new Response(JSON.stringify(body), {
    status: problem.status,
    headers: { 'content-type': 'application/problem+json', ...problem.headers },
  })
}
