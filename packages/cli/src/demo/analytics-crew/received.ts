/**
 * @module
 * Keeps a copy of every text that comes out of a connection and of every message that goes into a model, so that it can
 * be searched afterwards for what should not have been there.
 */
import { BaseCallbackHandler } from '@langchain/core/callbacks/base'
import type { Serialized } from '@langchain/core/load/serializable'
import type { BaseMessage } from '@langchain/core/messages'
import type { McpConn } from '@quartermaster/client'

export interface Received {
  readonly texts: readonly string[]
  watch(conn: McpConn): McpConn
  /** For `callbacks` of a run. */
  readonly models: BaseCallbackHandler
}

export function received(): Received {
  const texts: string[] = []
  const keep = <T>(value: T): T => {
    texts.push(JSON.stringify(value))
    return value
  }
  return {
    texts,
    watch: (conn) => ({
      listTools: async (options) => keep(await conn.listTools(options)),
      callTool: async (request, options) => keep(await conn.callTool(request, options)),
      close: () => conn.close(),
    }),
    models: new ModelWatch(keep),
  }
}

class ModelWatch extends BaseCallbackHandler {
  override readonly name = 'ModelWatch'
  readonly #keep: (value: unknown) => unknown

  constructor(keep: (value: unknown) => unknown) {
    super()
    this.#keep = keep
  }

  override handleChatModelStart(_model: Serialized, batches: BaseMessage[][]): void {
    for (const message of batches.flat()) this.#keep(message.content)
  }
}
