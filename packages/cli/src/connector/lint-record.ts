/**
 * @module
 * What a documentation record has to tell a model, point by point. Too long is a fault too: it is paid for on every turn.
 */
import type { Method } from '@quartermaster/connectors'

export const points = ['what', 'when', 'returns', 'ids', 'fields', 'length'] as const
export type Point = (typeof points)[number]

export interface LintedRecord {
  /** `resource.method`. */
  readonly record: string
  readonly tool: string
  /** 0 to 100: the share of the points that apply and are met. */
  readonly score: number
  /** Absent: does not apply to this method. */
  readonly told: Readonly<Partial<Record<Point, boolean>>>
  /** What makes it fail. */
  readonly faults: readonly string[]
  /** What would make it better. */
  readonly hints: readonly string[]
}

/** Characters: a description above this costs a model more than it tells it. */
export const MAX_DESCRIPTION = 400
export const MAX_FIELD = 160
/** A record that scores less fails: most of what it has to tell is missing. */
export const MIN_SCORE = 60

const occasions = /\b(?:search|find|first|before|after|instead|such as|when|if|for|only|once|cheaper|use|particular)\b/i
const answers = /\b(?:returns?|answers?|listed|gives?|results?|counts?|sums?|restored|kept|gone)\b/i
const sources = /\b(?:ids?|search|list|find)\b/i
const idName = /(?:^|_)ids?$/

const hintOf = {
  what: 'say in the first sentence what it does, and to what',
  when: 'say when to use it, or what to call first',
  returns: 'say what comes back',
  ids: 'say where its ids come from or are used',
  fields: 'describe each argument in more than its own name',
  length: `keep it to ${MAX_DESCRIPTION} characters, and ${MAX_FIELD} for an argument`,
} as const satisfies Record<Point, string>

/** Undefined for a method without a record. */
export function lintRecord({ tool, kind, input, resource, name }: Method): LintedRecord | undefined {
  if (!tool) return undefined
  const { description, title } = tool
  const long = [
    ...(description.length > MAX_DESCRIPTION ? [`the description is above ${MAX_DESCRIPTION} characters`] : []),
    ...input
      .filter((field) => field.description.length > MAX_FIELD)
      .map((field) => `"${field.name}" is above ${MAX_FIELD} characters`),
  ]
  const hasIds =
    ['get', 'get_many', 'update', 'delete'].includes(kind) || input.some((field) => idName.test(field.name))
  const told = {
    what: /^\p{Lu}\p{L}+ .{8,}/u.test(description),
    ...(kind === 'delete' ? {} : { when: occasions.test(description) }),
    returns: answers.test(description),
    ...(hasIds
      ? { ids: [description, ...input.map((field) => field.description)].some((text) => sources.test(text)) }
      : {}),
    ...(input.length > 0
      ? { fields: input.every((field) => !isEmpty(field.description) && field.description !== field.name) }
      : {}),
    length: long.length === 0,
  } satisfies LintedRecord['told']
  const asked = points.filter((point) => Object.hasOwn(told, point))
  const unmet = asked.filter((point) => !(told as LintedRecord['told'])[point])
  const score = Math.round((100 * (asked.length - unmet.length)) / asked.length)
  return {
    record: `${resource}.${name}`,
    tool: tool.name,
    score,
    told,
    faults: [
      ...(isEmpty(title) ? ['the title is empty'] : []),
      ...(isEmpty(description) ? ['the description is empty'] : []),
      ...input.filter((field) => isEmpty(field.description)).map((field) => `"${field.name}" has no description`),
      ...long,
      ...(score < MIN_SCORE ? [`the score ${score} is below ${MIN_SCORE}`] : []),
    ],
    hints: unmet.map((point) => hintOf[point]),
  }
}

function isEmpty(text: string): boolean {
  return text.trim() === ''
}
