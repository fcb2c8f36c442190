/**
 * @module
 * Stops refreshing where it is the system or this installation's client that is broken, so that no account pays for
 * it. Open for a while, then one probe decides.
 */
export interface CircuitBreaker {
  /** How many requests may go out now: any number, one probe, or none. Takes no right to send. */
  capacity(key: string, now: number): number
  /** Takes the right to send one request; otherwise says how long to wait, in milliseconds. */
  admit(key: string, now: number): { readonly admitted: true } | { readonly admitted: false; readonly waitMs: number }
  /** The system answered sensibly, whatever it said of the account. */
  recordSuccess(key: string): void
  /** It refused our client: opens at once. Returns how long it stays open. */
  recordClientRefused(key: string, now: number): number
  /** It was unreachable or broken for this account. Opens after several in a row, of more than one account. */
  recordFailure(key: string, accountId: string, now: number): void
  /** An admitted request was not sent. */
  release(key: string): void
}

const FAILURES_TO_OPEN = 5
const ACCOUNTS_TO_OPEN = 2
const FIRST_CLIENT_WAIT_MS = 60_000
const LONGEST_CLIENT_WAIT_MS = 600_000
const FIRST_BROKEN_WAIT_MS = 10_000
const LONGEST_BROKEN_WAIT_MS = 60_000
/** A probe that has not reported back by then is taken for lost. */
const PROBE_MS = 15_000

interface Circuit {
  failures: number
  accounts: Set<string>
  /** 0 while closed. */
  openUntil: number
  waitMs: number
  probingSince: number | undefined
}

export function circuitBreaker(): CircuitBreaker {
  const circuits = new Map<string, Circuit>()
  const of = (key: string): Circuit => {
    const known = circuits.get(key)
    if (known) return known
    const made: Circuit = { failures: 0, accounts: new Set(), openUntil: 0, waitMs: 0, probingSince: undefined }
    circuits.set(key, made)
    return made
  }
  const probing = ({ probingSince }: Circuit, now: number) =>
    probingSince !== undefined && now - probingSince < PROBE_MS
  const open = (circuit: Circuit, now: number, first: number, longest: number) => {
    circuit.waitMs = Math.min(longest, Math.max(first, circuit.waitMs * 2))
    circuit.openUntil = now + circuit.waitMs
    circuit.probingSince = undefined
  }

  return {
    capacity(key, now) {
      const circuit = circuits.get(key)
      if (!circuit || circuit.openUntil === 0) return Number.POSITIVE_INFINITY
      return now < circuit.openUntil || probing(circuit, now) ? 0 : 1
    },
    admit(key, now) {
      const circuit = circuits.get(key)
      if (!circuit || circuit.openUntil === 0) return { admitted: true }
      if (now < circuit.openUntil) return { admitted: false, waitMs: circuit.openUntil - now }
      if (probing(circuit, now)) return { admitted: false, waitMs: 1_000 }
      circuit.probingSince = now
      return { admitted: true }
    },
    recordSuccess: (key) => void circuits.delete(key),
    recordClientRefused(key, now) {
      const circuit = of(key)
      // Those that were on their way when it opened do not lengthen the wait.
      if (now >= circuit.openUntil) open(circuit, now, FIRST_CLIENT_WAIT_MS, LONGEST_CLIENT_WAIT_MS)
      return circuit.openUntil - now
    },
    recordFailure(key, accountId, now) {
      const circuit = of(key)
      circuit.failures += 1
      if (circuit.accounts.size < ACCOUNTS_TO_OPEN) circuit.accounts.add(accountId)
      const storm = circuit.failures >= FAILURES_TO_OPEN && circuit.accounts.size >= ACCOUNTS_TO_OPEN
      if (now >= circuit.openUntil && (storm || circuit.openUntil > 0)) {
        open(circuit, now, FIRST_BROKEN_WAIT_MS, LONGEST_BROKEN_WAIT_MS)
      }
    },
    release(key) {
      const circuit = circuits.get(key)
      if (circuit) circuit.probingSince = undefined
    },
  }
}
