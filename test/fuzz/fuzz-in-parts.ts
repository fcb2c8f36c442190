/**
 * @module
 * A long run in parts, each with servers and seeds of its own. What is done is kept in a file, so that a run that was
 * stopped goes on after its last whole part, with the same inputs.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { FuzzReport } from './fuzz.ts'
import { fuzzApart } from './fuzz-apart.ts'

export interface LongRun {
  readonly seed: number
  readonly inputs: number
  readonly only: readonly string[]
  readonly processes: number
  /** Inputs of a part. */
  readonly perPart: number
}

export interface LongRunOptions {
  /** Where the whole parts are kept; nowhere when left out. */
  readonly file?: string | undefined
  /** Told now and then how many inputs there have been. */
  readonly step: (done: number) => void
  /** What does one part. */
  readonly part?: typeof fuzzApart
}

/** One report a part. A part that found something is kept as well: its inputs have been tried. */
export async function fuzzInParts(
  run: LongRun,
  { file, step, part = fuzzApart }: LongRunOptions,
): Promise<readonly FuzzReport[]> {
  const parts = [...keptParts(run, file)]
  const { seed, inputs, only, processes, perPart } = run
  const count = Math.max(1, Math.ceil(inputs / perPart))
  for (let nth = parts.length; nth < count; nth += 1) {
    const before = nth * perPart
    const report = await part({
      seed: seed + nth * processes,
      inputs: Math.min(perPart, inputs - before),
      only,
      processes,
      step: (done) => step(before + done),
    })
    parts.push(report)
    if (file !== undefined) keep(file, { run, parts })
  }
  return parts
}

/** @throws Error when the file is of a run with other settings. */
function keptParts(run: LongRun, file: string | undefined): readonly FuzzReport[] {
  if (file === undefined || !existsSync(file)) return []
  const kept = JSON.parse(readFileSync(file, 'utf8')) as { readonly run: LongRun; readonly parts: FuzzReport[] }
  if (JSON.stringify(kept.run) === JSON.stringify(run)) return kept.parts
  throw new Error(`Cannot go on: ${file} is of another run, ${JSON.stringify(kept.run)}`)
}

function keep(file: string, state: object): void {
  writeFileSync(`${file}.new`, JSON.stringify(state))
  renameSync(`${file}.new`, file)
}
