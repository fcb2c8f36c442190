/** @module Target: JSON-RPC messages over POST, of both eras and of none. */
import { outcomeOf } from '../outcome-of.ts'
import { type RpcMessage, rpcMessages } from '../rpc-message.ts'
import type { Target } from '../target.ts'

export const rpcTarget: Target<RpcMessage> = {
  name: 'rpc',
  share: 0.22,
  mustSee: ['ok', '-32700', '-32600', '-32601', 'invalid_arguments'],
  inputs: ({ doors }) => rpcMessages(doors),
  async attempt({ doors, ask }, { door, body, headers }) {
    const head = { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers }
    return outcomeOf(await ask({ method: 'POST', path: doors[door]?.path ?? '/', headers: head, body }))
  },
}
