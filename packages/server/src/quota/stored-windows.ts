/**
 * @module
 * The windows of an account as the text that the store keeps. A text that cannot be read counts as none: what is lost
 * is one window's count.
 */
import { z } from 'zod'
import type { WindowState } from './window-state.ts'

/** By the policy's name. */
export type WindowStates = Readonly<Record<string, WindowState>>

const count = z.number().int().nonnegative()
// The names of the members are those of databases that exist.
const stored = z
  .object({
    limit: count.optional(),
    windowMs: z.number().int().positive().optional(),
    hold: z.object({ until: count, why: z.enum(['refused', 'reserve']) }).optional(),
    used: z.array(z.tuple([count, count])),
    blocks: z.array(z.object({ id: z.string(), permits: count, sendUntil: count, until: count })),
  })
  .transform(({ hold, blocks, ...rest }): WindowState => ({ ...rest, cooldown: hold, leases: blocks }))
const states = z.record(z.string(), stored)

export function readWindowStates(text: string): WindowStates {
  try {
    return states.parse(JSON.parse(text))
  } catch {
    return {}
  }
}

export function writeWindowStates(windows: WindowStates): string {
  const entries = Object.entries(windows).map(([policy, { cooldown, leases, ...rest }]) => {
    return [policy, { ...rest, hold: cooldown, blocks: leases }] as const
  })
  return JSON.stringify(Object.fromEntries(entries))
}
