/**
 * @module
 * A call whose write options could not be read is refused: a misread option could change data.
 */
import { fail } from '@quartermaster/protocol'
import { type Answer, type BoundCall, refuse, type WriteCall } from './call.ts'
import type { Guard, Next } from './compose.ts'

export function validateWriteOptions(): Guard<'validateWriteOptions', BoundCall, Valid, 'validateInput'> {
  const run = async ({ writeOptions = {} }: BoundCall, next: Next<Valid>): Promise<Answer> => {
    if (!('fault' in writeOptions)) return next({ writeOptions })
    const advice = 'Correct the request and call again. Nothing was changed.'
    return refuse(fail('invalid_arguments', `Cannot make the call: ${writeOptions.fault}`, advice))
  }
  return { name: 'validateWriteOptions', after: ['validateInput'], run }
}

type Valid = Pick<WriteCall, 'writeOptions'>
