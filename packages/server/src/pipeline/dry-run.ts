/**
 * @module
 * Guard: a write that is only to be tried answers with what it would change, and goes no further.
 */
import { isRead } from '@quartermaster/protocol'
import type { WriteCall } from './call.ts'
import type { Guard } from './compose.ts'
import { type MakePreview, type PreviewRead, toAnswer } from './preview.ts'

export function dryRun(preview: MakePreview): Guard<'dryRun', WriteCall, PreviewRead, 'validateWriteOptions'> {
  return {
    name: 'dryRun',
    after: ['validateWriteOptions'],
    async run(call, next) {
      const asked = call.writeOptions.dryRun === true && !isRead(call.tool.method.kind)
      return asked ? toAnswer(await preview(call, next)) : next()
    },
  }
}
