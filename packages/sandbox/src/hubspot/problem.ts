/**
 * @module
 * HubSpot's error bodies. Routes throw a problem; the router renders it.
 */

interface ProblemBody {
  readonly message: string
  readonly category: string
  readonly subCategory?: string
  readonly context?: { readonly [name: string]: readonly string[] }
  readonly errors?: readonly unknown[]
  readonly links?: { readonly [name: string]: string }
}

/** A call that HubSpot would refuse. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly status: number
  readonly body: ProblemBody

  constructor(status: number, body: ProblemBody) {
    super(body.message)
    this.status = status
    this.body = body
  }
}

/** The error body, with a correlation id of its own. */
export function renderProblem({ status, body }: Problem): Response {
  const { message, ...rest } = body
  return Response.json({ status: 'error', message, correlationId: crypto.randomUUID(), ...rest }, { status })
}

/** 400 VALIDATION_ERROR. */
export function invalid(message: string, more: Partial<ProblemBody> = {}): Problem {
  return new Problem(400, { message, category: 'VALIDATION_ERROR', ...more })
}

/** What is wrong with one property value; `error` is HubSpot's code. */
export interface PropertyFault {
  readonly name: string
  readonly error: string
  readonly message: string
}

/** The message carries a JSON array of the faults, as HubSpot's does. */
export function invalidProperties(faults: readonly PropertyFault[]): Problem {
  const listed = faults.map(({ name, error, message }) => ({
    isValid: false,
    message,
    error,
    name,
    localizedErrorMessage: message,
  }))
  return invalid(`Property values were not valid: ${JSON.stringify(listed)}`)
}

/** 404 for an object id. */
export function objectNotFound(id: string): Problem {
  return new Problem(404, {
    message: 'Object not found.  objectId are usually numeric.',
    category: 'OBJECT_NOT_FOUND',
    subCategory: 'crm.object_not_found',
    context: { id: [id] },
  })
}

/** 404 for anything but an object. */
export function resourceNotFound(): Problem {
  return new Problem(404, { message: 'resource not found', category: 'OBJECT_NOT_FOUND' })
}

/** 409 with the id of the record that has the unique value. */
export function alreadyExists(singular: string, id: string): Problem {
  const label = singular.charAt(0).toUpperCase() + singular.slice(1)
  return new Problem(409, { message: `${label} already exists. Existing ID: ${id}`, category: 'CONFLICT' })
}

/** The token lacks all of these scopes; one would do. */
export function missingScopes(scopes: readonly string[]): Problem {
  const link = 'https://developers.hubspot.com/scopes'
  return new Problem(403, {
    message: `This app hasn't been granted all required scopes to make this call. Read more about required scopes here: ${link}.`,
    errors: [
      { message: 'One or more of the following scopes are required.', context: { requiredGranularScopes: scopes } },
    ],
    links: { scopes: link },
    category: 'MISSING_SCOPES',
  })
}
