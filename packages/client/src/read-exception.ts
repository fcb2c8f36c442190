/**
 * @module
 * Reads what went wrong when a call brought no result at all. The words are our own: an exception's text may hold a URL
 * or a body.
 */
import { ProtocolError, SdkError, SdkErrorCode, SdkHttpError, UnauthorizedError } from '@modelcontextprotocol/client'
import type { CallFault } from './call-error.ts'
import { AnswerTooLarge, HttpRateLimited } from './guarded-fetch.ts'
import { staleToolAdvice } from './stale-tool-advice.ts'
import { DeadlineExceeded } from './time/deadline.ts'

/** What is known of an attempt beside the error it ended with. */
export interface AttemptFacts {
  /** The caller's own. */
  readonly signal?: AbortSignal
  /** The call may be repeated: then an unknown outcome is not worth a warning. */
  readonly repeatable: boolean
}

/** JSON-RPC: invalid params, and the code proposed for rate limits (SEP-3304), which is understood but never sent. */
const INVALID_PARAMS = -32602
const RATE_LIMITED = -32023
/** What the SDK's first generation throws by itself. */
const REQUEST_TIMEOUT = -32001

/** The request did not leave this machine, or found no server. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'])

export function readException(error: unknown, attempt: AttemptFacts): CallFault {
  const stopped = readStop(error, attempt)
  if (stopped) return stopped
  if (error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout) {
    return attempt.repeatable ? timeout : outcomeUnknown
  }
  if (error instanceof HttpRateLimited) return limited(error.retryAfterS)
  if (error instanceof UnauthorizedError) return refused(401)
  if (error instanceof ProtocolError) return protocolFault(error.code)
  const code = firstGeneration('McpError', error)
  if (code === REQUEST_TIMEOUT) return attempt.repeatable ? timeout : outcomeUnknown
  if (code !== undefined) return protocolFault(code)
  const status = error instanceof SdkHttpError ? error.status : firstGeneration('StreamableHTTPError', error)
  if (status === 429) return limited(undefined)
  if (status !== undefined && status >= 400) {
    return status < 500 ? refused(status) : attempt.repeatable ? lost : outcomeUnknown
  }
  if (error instanceof SyntaxError || error instanceof AnswerTooLarge || isUnreadable(error)) return unreadable
  if (attempt.repeatable || NEVER_SENT.has(systemCode(error) ?? '')) return lost
  return outcomeUnknown
}

/** The fault of an attempt that the caller's signal or its {@link deadline} has stopped; undefined when it ended by itself. */
export function readStop(error: unknown, { signal, repeatable }: AttemptFacts): CallFault | undefined {
  if (signal?.aborted) return cancelled
  if (error instanceof DeadlineExceeded) return repeatable ? timeout : outcomeUnknown
  return undefined
}

function isUnreadable(error: unknown): boolean {
  // What the transport throws when JSON is not a JSON-RPC message.
  if (error instanceof Error && error.name.endsWith('ZodError')) return true
  const codes: readonly SdkErrorCode[] = [SdkErrorCode.InvalidResult, SdkErrorCode.UnsupportedResultType]
  return error instanceof SdkError && codes.includes(error.code)
}

/** The code of an error that the SDK's first generation throws, which this package does not depend on. */
function firstGeneration(className: string, error: unknown): number | undefined {
  if (!(error instanceof Error) || error.constructor.name !== className || !('code' in error)) return undefined
  return typeof error.code === 'number' ? error.code : undefined
}

function protocolFault(code: number): CallFault {
  if (code === RATE_LIMITED) return limited(undefined)
  if (code === INVALID_PARAMS) {
    return invalidParams
  }
  return {
    code: 'tool_error',
    status: 500,
    message: 'The server could not carry out the call.',
    retryable: false,
    advice: 'Do not repeat the same call. Try another way or say so.',
  }
}

/** The code of the operating system or of the HTTP client, from wherever in the chain of causes it stands. */
function systemCode(error: unknown): string | undefined {
  let at = error
  for (let depth = 0; depth < 5 && at instanceof Error; depth += 1) {
    if ('code' in at && typeof at.code === 'string' && NEVER_SENT.has(at.code)) return at.code
    at = at.cause
  }
  return undefined
}

/** The protocol has one code for a tool that is not there and for arguments that it does not take. */
export const invalidParams: CallFault = {
  code: 'invalid_arguments',
  status: 400,
  message: 'The server does not know this tool or does not accept these arguments.',
  retryable: false,
  advice: staleToolAdvice(
    'invalid_arguments',
    'Check the tool name and the arguments against the tool description, then call again.',
  ),
}

const cancelled: CallFault = {
  code: 'cancelled',
  status: 499,
  message: 'The call was cancelled.',
  retryable: false,
  advice: 'Stop: the run is being ended.',
}

const timeout: CallFault = {
  code: 'timeout',
  status: 504,
  message: 'The tool did not answer in time.',
  retryable: true,
  advice: 'Ask for less at once, or go on without this answer and say that it is missing.',
}

const lost: CallFault = {
  code: 'connection_error',
  status: 503,
  message: 'The connection to the server failed.',
  retryable: true,
  advice: 'Go on without this answer and say that it is missing.',
}

const outcomeUnknown: CallFault = {
  code: 'outcome_unknown',
  status: 504,
  message: 'No answer came back, so it is not known whether the write happened.',
  retryable: false,
  advice: 'Do not repeat the write. Read the record first to see whether it happened.',
}

const unreadable: CallFault = {
  code: 'bad_answer',
  status: 502,
  message: 'The server answered with something that could not be read.',
  retryable: false,
  advice: 'Do not repeat the same call. If it was a write, read the record to see whether it happened.',
}

function refused(status: number): CallFault {
  return {
    code: 'access_refused',
    status,
    message: `The server did not accept this connection (HTTP ${status}).`,
    retryable: false,
    advice: 'Stop using these tools and report that the connection must be set up again.',
  }
}

function limited(retryAfterS: number | undefined): CallFault {
  return {
    code: 'rate_limited',
    status: 429,
    message: '429 Too Many Requests: the server is refusing calls for now.',
    retryable: true,
    ...(retryAfterS === undefined ? {} : { retryAfterS }),
    advice: 'Wait for the reset, then repeat the same call; or go on without it.',
  }
}
