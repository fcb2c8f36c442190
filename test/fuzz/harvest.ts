/**
 * @module
 * What a caller of a URL can know to begin with: its tools, ids that exist, cursors that work.
 */
import type { Answer, Sent } from './answer.ts'

export interface PropertySchema {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly items?: PropertySchema
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
}

export interface ListedTool {
  readonly name: string
  readonly inputSchema: {
    readonly properties: Readonly<Record<string, PropertySchema>>
    readonly required?: readonly string[]
  }
}

export interface Harvest {
  readonly tools: readonly ListedTool[]
  readonly ids: ReadonlyMap<string, readonly string[]>
  readonly cursors: ReadonlyMap<string, string>
}

/** @throws Error when the URL shows less than a fuzzer needs. */
export async function harvest(path: string, ask: (sent: Sent) => Promise<Answer>): Promise<Harvest> {
  const listed = await ask({ method: 'GET', path: `${path}/tools`, headers: {} })
  const { tools } = JSON.parse(listed.text) as { tools: readonly ListedTool[] }
  const [ids, cursors] = [new Map<string, readonly string[]>(), new Map<string, string>()]
  for (const { name, inputSchema } of tools) {
    if (!Object.hasOwn(inputSchema.properties, 'limit') || (inputSchema.required ?? []).length > 0) continue
    for (const limit of [20, 1]) {
      const answer = await ask({
        method: 'POST',
        path: `${path}/tools/${name}`,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ limit }),
      })
      const page = JSON.parse(answer.text) as { next_cursor?: string | null; result?: readonly { id?: unknown }[] }
      if (limit === 20)
        ids.set(
          name,
          (page.result ?? []).flatMap(({ id }) => (typeof id === 'string' ? [id] : [])),
        )
      else if (typeof page.next_cursor === 'string') cursors.set(name, page.next_cursor)
    }
  }
  if (tools.length < 5 || ids.size < 2 || cursors.size < 2) {
    throw new Error(`Cannot fuzz: a URL shows ${tools.length} tools, ${ids.size} lists and ${cursors.size} cursors`)
  }
  return { tools, ids, cursors }
}
