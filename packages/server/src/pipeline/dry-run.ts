/**
 * @module
 * Guard: a write that is only to be tried answers with what it would change, and goes no further.
 */
import { isRead } from '@quartermaster/protocol'
import type { Guard } from './call.ts'
import { type MakePreview, toAnswer } from './preview.ts'

export function dryRun(preview: MakePreview): Guard {
  return (next) => async (call) => {
    const asked = call.writeOptions?.dryRun === true && call.tool && !isRead(call.tool.method.kind)
    return asked ? toAnswer(await preview(call, next)) : next(call)
  }
}
