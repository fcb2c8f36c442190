/** @module A process that fuzzes a server of its own: told by its parent what to do, it tells how far it is and what it found. */
import { fuzz } from './fuzz.ts'

const { seed, inputs, only } = JSON.parse(process.argv[2] ?? '{}') as {
  readonly seed: number
  readonly inputs: number
  readonly only: readonly string[]
}
const tell = (message: object) => process.send?.(message)
/** Telling each input would cost as much as some inputs. */
const EVERY = 50
const step = (done: number) => {
  if (done % EVERY === 0) tell({ done })
}
tell({ report: await fuzz({ seed, inputs, only, step }) })
process.disconnect()
