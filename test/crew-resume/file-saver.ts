/**
 * @module
 * A checkpointer for one process at a time: LangGraph's own in-memory saver, written to a file after each change, so
 * that another process can go on. For tests; PostgreSQL is what a product would use.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { MemorySaver } from '@langchain/langgraph'

export class FileSaver extends MemorySaver {
  readonly #file: string

  constructor(file: string) {
    super()
    this.#file = file
    if (!existsSync(file)) return
    const { storage, writes } = JSON.parse(readFileSync(file, 'utf8'), revive)
    Object.assign(this, { storage, writes })
  }

  override async put(...args: Parameters<MemorySaver['put']>): ReturnType<MemorySaver['put']> {
    const config = await super.put(...args)
    this.#keep()
    return config
  }

  override async putWrites(...args: Parameters<MemorySaver['putWrites']>): Promise<void> {
    await super.putWrites(...args)
    this.#keep()
  }

  /** Renaming is one step (POSIX rename), so a crash leaves the old file or the new one. */
  #keep(): void {
    const { storage, writes } = this
    writeFileSync(`${this.#file}.new`, JSON.stringify({ storage, writes }, replace))
    renameSync(`${this.#file}.new`, this.#file)
  }
}

function replace(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value
}

function revive(_key: string, value: unknown): unknown {
  const text: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'base64') : undefined
  return typeof text === 'string' ? new Uint8Array(Buffer.from(text, 'base64')) : value
}
