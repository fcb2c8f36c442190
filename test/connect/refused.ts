/**
 * @module
 * What it means that a try to connect was refused: the right status, nothing kept, and a page that tells no secret.
 */
import { expect } from 'vitest'
import type { Answer } from './browser.ts'
import type { ConnectTestbed } from './connect-testbed.ts'

export type Case = readonly [name: string, status: number, run: () => Promise<Answer>]

export const MINUTE = 60_000

/** How many codes have been sent to an authority, and how many questions to the hostile one. */
export function exchanges(testbed: ConnectTestbed): number {
  return ['hubspot', 'salesforce'].reduce((sum, name) => {
    return sum + (testbed.control(name).counters().tokenCalls['authorization_code'] ?? 0)
  }, testbed.hostile.asked.length)
}

export async function expectRefused(
  testbed: ConnectTestbed,
  status: number,
  run: () => Promise<Answer>,
): Promise<void> {
  const before = testbed.kept()
  const answer = await run()
  expect(answer.status).toBe(status)
  expect(testbed.kept()).toEqual(before)
  expect(answer.text).not.toMatch(/<script|at-1|rt-1|sandbox-secret/)
}

/** The text with one character changed. */
export function changed(text: string, at: number): string {
  return text.slice(0, at) + (text[at] === 'a' ? 'b' : 'a') + text.slice(at + 1)
}
