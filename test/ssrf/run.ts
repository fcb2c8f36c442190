/**
 * @module
 * `npm run ssrf`: prints what {@link proveSsrf} found as one JSON line. Exits with 1 when something inside was connected
 * to, or when the harness could not have seen it.
 */
import { proveSsrf } from './prove.ts'

const startedAt = performance.now()
const result = await proveSsrf()
console.log(JSON.stringify({ proof: 'ssrf', ...result, ms: Math.round(performance.now() - startedAt) }))
process.exit(result.holds ? 0 : 1)
