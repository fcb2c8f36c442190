/**
 * @module
 * Reads the form fields that our own pages post. Any other body is read as an empty form.
 */
import { readCapped } from '../outbound/read-capped.ts'

/** The largest form of ours is below one kilobyte. */
const MAX_BYTES = 4_096

export async function readForm(request: Request): Promise<URLSearchParams> {
  const type = request.headers.get('content-type') ?? ''
  if (!/^application\/x-www-form-urlencoded\b/i.test(type)) return new URLSearchParams()
  const bytes = request.body ? await readCapped(request.body, MAX_BYTES) : undefined
  return new URLSearchParams(bytes?.toString('utf8') ?? '')
}
