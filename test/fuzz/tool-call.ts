/**
 * @module
 * Calls that are nearly right: a tool of the URL, arguments by its schema, and now and then one that is not.
 */
import fc from 'fast-check'
import type { Door } from './fuzz-testbed.ts'
import type { ListedTool, PropertySchema } from './harvest.ts'
import { hostileJson, hostileKey, objectText } from './hostile-json.ts'

export interface ToolCall {
  /** Which of the doors. */
  readonly door: number
  readonly tool: string
  /** The arguments as JSON text. */
  readonly args: string
}

/**
 * Each tool of each door as often as any other. What makes their arguments is made once, not for every input.
 *
 * @param hostility Of 100 values, how many are not what the schema says.
 */
export function toolCalls(doors: readonly Door[], hostility: number): fc.Arbitrary<ToolCall> {
  const each = doors.flatMap((door, at) =>
    door.tools.map((tool) =>
      argumentsOf(tool, door, hostility).map((args): ToolCall => ({ door: at, tool: tool.name, args })),
    ),
  )
  return fc.oneof(...each)
}

function argumentsOf({ name, inputSchema }: ListedTool, door: Door | undefined, hostility: number) {
  const { properties, required = [] } = inputSchema
  const members = Object.entries(properties).map(([key, schema]) => {
    const good =
      schema.type === 'array'
        ? fc
            .array(goodValue(key, schema.items ?? {}, name, door), { maxLength: 3 })
            .map((items) => `[${items.join(',')}]`)
        : goodValue(key, schema, name, door)
    const value = fc.oneof({ weight: 100 - hostility, arbitrary: good }, { weight: hostility, arbitrary: hostileJson })
    const member = value.map((text) => [[JSON.stringify(key), text]] as [string, string][])
    const presence = required.includes(key) ? 97 : 25
    return fc.oneof(
      { weight: 100 - presence, arbitrary: fc.constant<[string, string][]>([]) },
      { weight: presence, arbitrary: member },
    )
  })
  const extra = fc.oneof(
    { weight: 100 - hostility, arbitrary: fc.constant<[string, string][]>([]) },
    { weight: hostility, arbitrary: fc.tuple(hostileKey, hostileJson).map((member): [string, string][] => [member]) },
  )
  return fc.tuple(fc.tuple(...members), extra).map(([own, more]) => objectText([...own.flat(), ...more]))
}

function goodValue(key: string, schema: PropertySchema, tool: string, door: Door | undefined): fc.Arbitrary<string> {
  const of = <T>(arbitrary: fc.Arbitrary<T>) => arbitrary.map((value) => JSON.stringify(value))
  if (schema.enum && schema.enum.length > 0) return of(fc.constantFrom(...schema.enum))
  if (key === 'next_cursor') return of(fc.constantFrom(...(door?.cursors.values() ?? ['x'])))
  if (key === 'limit') return of(fc.constantFrom('1', '2', '100', '0', '101', '-1', '1e3', ' 5 ', '٣'))
  if (/(^|_)ids?$/.test(key)) return of(fc.constantFrom(...idsFor(key, tool, door), 'nobody'))
  if (key.includes('mail')) return of(fc.constantFrom('a@b.example', 'ünï@exämple.com', 'a@b', "o'neil@x.org"))
  if (/date|_at$|after|before|since/.test(key)) {
    return of(
      fc.constantFrom('2026-01-31', '2026-02-30', '2026-01-31T10:00:00Z', '0000-00-00', '2026-13-01T00:00:00+99:99'),
    )
  }
  if (schema.type === 'boolean') return of(fc.boolean())
  if (schema.type === 'number' || schema.type === 'integer')
    return of(fc.oneof(fc.nat(1_000), fc.double({ noNaN: true })))
  return of(
    fc.oneof(
      fc.constantFrom(
        'Ada',
        '12.50',
        'O\u2019Neil \\ "quoted"',
        "x' OR Name LIKE '%",
        '100%_',
        '2026-01-31',
        'true',
        '<b>',
      ),
      fc.string({ unit: 'binary', maxLength: 30 }),
    ),
  )
}

/** Of the records that the tool is about, as its name tells. */
function idsFor(key: string, tool: string, door: Door | undefined): readonly string[] {
  const subject = (key === 'id' || key === 'ids' ? tool : key).split('_').map((word) => word.slice(0, 5))
  const score = (list: string) => list.split('_').filter((word) => subject.includes(word.slice(0, 5))).length
  const lists = [...(door?.ids ?? [])].filter(([, ids]) => ids.length > 0).sort(([a], [b]) => score(b) - score(a))
  return lists[0]?.[1] ?? []
}
