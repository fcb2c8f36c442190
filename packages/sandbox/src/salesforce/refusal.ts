/**
 * @module
 * The one way in which Salesforce says no: an HTTP status and an array of faults, each with a code and a message.
 */

/** One entry of an error body. Some codes carry more than code and message. */
export interface Fault {
  readonly message: string
  readonly errorCode: string
  readonly fields?: readonly string[]
  readonly [extra: string]: unknown
}

/** A request that Salesforce refuses. Messages repeat the caller's own input, as the vendor's do. */
export class Refused extends Error {
  readonly status: number
  readonly faults: readonly Fault[]
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, faults: readonly Fault[], headers: Readonly<Record<string, string>> = {}) {
    super(`Cannot serve the request: ${faults.map((fault) => fault.errorCode).join(', ')}`)
    this.name = 'Refused'
    this.status = status
    this.faults = faults
    this.headers = headers
  }
}

/** Shorthand for a refusal with one fault. */
export function refused(status: number, errorCode: string, message: string, extra: object = {}): Refused {
  return new Refused(status, [{ message, errorCode, ...extra }])
}

/** The refusal as it goes over the wire. */
export function renderRefusal(refusal: Refused): Response {
  return Response.json(refusal.faults, {
    status: refusal.status,
    headers: { 'content-type': 'application/json;charset=UTF-8', ...refusal.headers },
  })
}
