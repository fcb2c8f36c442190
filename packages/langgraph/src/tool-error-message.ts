/**
 * @module
 * A failed tool call as a message.
 */
import { ToolMessage } from '@langchain/core/messages'
import { type CallError, callErrorText } from '@quartermaster/client'

/**
 * The error as JSON in the text, for the model, and as it is in `artifact.error`, for code. For middleware of your own that
 * refuses a call: the other tools of this package fail in the same form.
 *
 * @param call the model's call that it answers
 */
export function toolErrorMessage(
  error: CallError,
  { name, id = '' }: { readonly name: string; readonly id?: string | undefined },
): ToolMessage {
  return new ToolMessage({
    status: 'error',
    content: callErrorText(error),
    artifact: { error },
    name,
    tool_call_id: id,
  })
}
