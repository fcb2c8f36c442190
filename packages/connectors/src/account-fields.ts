/**
 * @module
 * How the fields that an account has for a resource are asked for and read.
 */
import { FailureError } from '@quartermaster/protocol'
import { type AccountField, readAccountField } from './account-field.ts'
import { classifyFailure } from './classify-failure.ts'
import type { ConnectorFile } from './connector-file.ts'
import type { FieldSource, UpstreamResponse } from './contract.ts'
import { describeFailure } from './describe-failure.ts'
import type { ExpressionCompiler } from './expression-compiler.ts'
import { joinUrl } from './fill-path.ts'
import { parseBody } from './parse-body.ts'

/** More of its custom fields than an account has in practice; read names of more would make URLs too long. */
const MOST_OWN = 200

/** Builds the source of each resource that has a `describe`. */
export function fieldSources(file: ConnectorFile, compiler: ExpressionCompiler): ReadonlyMap<string, FieldSource> {
  const { account_fields: format } = file
  if (!format) return new Map()
  const list = compiler.compile('account_fields.list', format.list, [])
  const each = compiler.compile('account_fields.each', format.each, [])

  function sourceOf(resource: string, path: string, known: ReadonlySet<string>): FieldSource {
    const action = `find out the fields of the ${resource}`
    const facts = {
      action,
      label: file.label,
      resource,
      scopes: [],
      hasId: false,
      writes: false,
      isId: () => false,
      fieldNames: new Map(),
    }
    return {
      resource,
      prepare: ({ base }) => ({
        method: 'GET',
        url: joinUrl(base, `${file.api.prefix}${path}`),
        headers: file.api.headers,
      }),
      async read(response: UpstreamResponse) {
        if (response.status !== 200) {
          const outcome = await classifyFailure([], file.quota, response, facts)
          if (!outcome.ok) throw new FailureError(outcome.failure)
        }
        const body = parseBody(response.body)
        const found = body.ok ? await Promise.resolve(list(body.value)).catch(() => undefined) : undefined
        if (!Array.isArray(found)) throw new FailureError(describeFailure({ ...facts, code: 'upstream_invalid' }))
        // One by one: a system describes hundreds of fields, and one odd field must not cost the others.
        const read = await Promise.all(found.map(async (raw) => readAccountField(await attempt(each, raw))))
        const fields = read.filter((field) => field !== undefined)
        return [
          ...fields.filter(({ custom, name }) => !custom && known.has(name)),
          ...fields.filter(({ custom }) => custom).slice(0, MOST_OWN),
        ]
      },
    }
  }

  return new Map(
    Object.entries(file.resources).flatMap(([resource, { describe, fields }]) => {
      if (describe === undefined) return []
      return [[resource, sourceOf(resource, describe, new Set(Object.values(fields).map(({ to }) => to)))] as const]
    }),
  )
}

async function attempt(each: (raw: unknown) => unknown, raw: unknown): Promise<unknown> {
  try {
    return await each(raw)
  } catch {
    return undefined
  }
}

/** The names that reads ask for, where a system sends an account's custom fields only to who names them. */
export function customFieldNames(fields: readonly AccountField[]): readonly string[] {
  return fields.filter(({ custom }) => custom).map(({ name }) => name)
}
