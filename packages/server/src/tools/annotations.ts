/**
 * @module
 * What a client may assume of a tool before calling it. Clients ask a human, repeat a call or refuse it on these
 * hints, so every tool has all of them.
 */
import { isRead, type MethodKind } from '@quartermaster/protocol'
import type { ToolAnnotations } from './tool.ts'

/**
 * The hints of a kind. A custom method may do anything, so it is announced as the worst case. `openWorldHint` is
 * always true: the data comes from a system outside, written by people outside.
 */
export function annotationsFor(kind: MethodKind, title: string): ToolAnnotations {
  return {
    title,
    readOnlyHint: isRead(kind),
    destructiveHint: kind === 'update' || kind === 'delete' || kind === 'custom',
    idempotentHint: isRead(kind) || kind === 'update' || kind === 'delete',
    openWorldHint: true,
  }
}
