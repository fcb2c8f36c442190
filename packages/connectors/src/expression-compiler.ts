/**
 * @module
 * Compiles all expressions of one connector and gathers their faults, so that an author sees every fault at once.
 */
import type { RecordName } from '@quartermaster/protocol'
import { checkMap } from './check-map.ts'
import type { Fault } from './connector-invalid.ts'
import { compileExpression, type Expression, ExpressionInvalid } from './expression.ts'

export interface ExpressionCompiler {
  readonly faults: readonly Fault[]
  /** Compiles `source`; a faulty one is remembered and stands in as an expression that must never run. */
  compile(path: string, source: string, variables: readonly string[]): Expression
  /** The same for an optional expression. */
  maybe(path: string, source: string | undefined, variables: readonly string[]): Expression | undefined
  /** The same for a mapping, whose keys are checked against the canonical record. */
  map(path: string, source: string, record: RecordName, variables: readonly string[]): Expression
}

/** `lists` are bound in every expression. */
export function expressionCompiler(lists: { readonly [name: string]: readonly string[] }): ExpressionCompiler {
  const faults: Fault[] = []
  const attempt = (path: string, source: string, variables: readonly string[], record?: RecordName): Expression => {
    try {
      const { run, ast } = compileExpression(source, [...Object.keys(lists), ...variables])
      if (record !== undefined) checkMap(ast, record)
      return (input, bindings = {}) => run(input, { ...lists, ...bindings })
    } catch (error) {
      if (!(error instanceof ExpressionInvalid)) throw error
      faults.push({ path, problem: error.message })
      return () => Promise.reject(error)
    }
  }
  return {
    faults,
    compile: attempt,
    maybe: (path, source, variables) => (source === undefined ? undefined : attempt(path, source, variables)),
    map: (path, source, record, variables) => attempt(path, source, variables, record),
  }
}
