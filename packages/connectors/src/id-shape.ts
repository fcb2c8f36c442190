/**
 * @module
 * What an id of a system looks like, as data: a set of characters and the lengths it may have. Linear to check.
 */
import type { IdShape } from './connector-file.ts'

export type IdTest = (value: string) => boolean

export function idTest(shape: IdShape): IdTest {
  const characters = new RegExp(`^[${shape.chars}]+$`)
  const lengths = shape.length
  const fits = Array.isArray(lengths)
    ? (length: number) => lengths.includes(length)
    : (length: number) => length >= lengths.min && length <= lengths.max
  return (value) => fits(value.length) && characters.test(value)
}

/** The part of an id that tells it apart: systems that write an id in two lengths mean the same record by both. */
export function idKey(shape: IdShape): (id: string) => string {
  const { significant } = shape
  return significant === undefined ? (id) => id : (id) => id.slice(0, significant)
}
