/**
 * @module
 * What a target of the fuzzing is: inputs that can be made and made smaller, and the trial of one.
 */
import type fc from 'fast-check'
import type { FuzzTestbed } from './fuzz-testbed.ts'

export interface Target<Input> {
  readonly name: string
  /** Its part of all inputs. */
  readonly share: number
  inputs(testbed: FuzzTestbed): fc.Arbitrary<Input>
  /** What came of it, in a word or two, to be counted. @throws Finding */
  attempt(testbed: FuzzTestbed, input: Input): Promise<string>
  /** What must come of some inputs, or the target is only fended off at the door. */
  readonly mustSee?: readonly string[]
}
