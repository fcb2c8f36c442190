/**
 * @module
 * Watches the process that it runs in: what nobody caught, what has grown on the shared prototypes, what was logged.
 */
import { Finding, requireNoSecret } from './finding.ts'

const prototypes: readonly (readonly [string, object])[] = [
  ['Object', Object.prototype],
  ['Array', Array.prototype],
  ['String', String.prototype],
  ['Function', Function.prototype],
  ['Promise', Promise.prototype],
  ['Map', Map.prototype],
  ['Error', Error.prototype],
]

export interface Watch {
  /** Whole lines that the server logged. */
  logged(text: string): void
  /** @throws Finding for what has happened since the last call. What was found is mended, so that it counts once. */
  check(): void
  readonly lines: () => number
  stop(): void
}

/** @param secrets Asked at every line, because some are made late. */
export function watch(secrets: () => readonly string[]): Watch {
  const uncaught: string[] = []
  const leaks: Finding[] = []
  let lines = 0
  const known = prototypes.map(([, prototype]) => new Map(descriptors(prototype)))
  const onRejection = (reason: unknown) => uncaught.push(`a rejection that nobody caught: ${described(reason)}`)
  const onException = (error: unknown) => uncaught.push(`an exception that nobody caught: ${described(error)}`)
  process.on('unhandledRejection', onRejection)
  process.on('uncaughtException', onException)
  return {
    lines: () => lines,
    logged(text) {
      lines += text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
      try {
        requireNoSecret(text, secrets(), 'a log line')
      } catch (error) {
        leaks.push(error as Finding)
      }
    },
    check() {
      const [first] = uncaught.splice(0)
      if (first !== undefined) throw new Finding(first)
      const [leak] = leaks.splice(0)
      if (leak) throw leak
      const changed = prototypes.flatMap(([name, prototype], at) => mended(name, prototype, known[at]))
      if (changed.length > 0) throw new Finding(`prototypes have changed: ${changed.join(', ')}`)
    },
    stop() {
      process.off('unhandledRejection', onRejection)
      process.off('uncaughtException', onException)
    },
  }
}

function descriptors(prototype: object): [PropertyKey, PropertyDescriptor][] {
  return Reflect.ownKeys(prototype).map((key) => [key, Object.getOwnPropertyDescriptor(prototype, key) ?? {}])
}

function mended(name: string, prototype: object, known: Map<PropertyKey, PropertyDescriptor> | undefined): string[] {
  const changed: string[] = []
  for (const key of Reflect.ownKeys(prototype)) {
    const before = known?.get(key)
    const now = Object.getOwnPropertyDescriptor(prototype, key)
    if (before && now?.value === before.value && now?.get === before.get && now?.set === before.set) continue
    changed.push(`${name}.prototype.${String(key)}`)
    Reflect.deleteProperty(prototype, key)
    if (before) Object.defineProperty(prototype, key, before)
  }
  return changed
}

function described(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, 6).join(' | ') : String(error)
}
