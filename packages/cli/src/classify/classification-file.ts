/**
 * @module
 * The operator's classification file, read at the start and again on SIGHUP. A file that cannot be used stops a start;
 * later it changes nothing, because dropping the rules that are in force would be the wrong way to fail.
 */
import { readFileSync } from 'node:fs'
import type { Connector } from '@quartermaster/connectors'
import { type Classification, ClassificationInvalid, parseClassification } from '@quartermaster/server'

export interface FollowedClassification {
  /** The rules in force. */
  current(): Classification
  /** Reads the file again. */
  reload(): void
  /** Ends listening for SIGHUP. */
  stop(): void
}

export interface FollowOptions {
  readonly catalog: ReadonlyMap<string, Connector>
  readonly changed: () => void
  /** The rules in force stay. */
  readonly fault: (problems: readonly string[]) => void
}

/** @throws Error or ClassificationInvalid when the file cannot be used now. */
export function followClassification(path: string, options: FollowOptions): FollowedClassification {
  let current = readClassification(path, options.catalog)
  const reload = () => {
    try {
      current = readClassification(path, options.catalog)
      options.changed()
    } catch (error) {
      options.fault(problemsOf(error))
    }
  }
  process.on('SIGHUP', reload)
  return { current: () => current, reload, stop: () => void process.off('SIGHUP', reload) }
}

function readClassification(path: string, catalog: ReadonlyMap<string, Connector>): Classification {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new Error(`Cannot read the classification: ${path} does not open (${code ?? 'unknown'})`)
  }
  return parseClassification(text, catalog)
}

function problemsOf(error: unknown): readonly string[] {
  if (error instanceof ClassificationInvalid) return error.faults.map(({ path, problem }) => `${path}: ${problem}`)
  return [error instanceof Error ? error.message : 'unknown']
}
