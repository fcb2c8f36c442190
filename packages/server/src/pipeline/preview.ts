/**
 * @module
 * What a write would change, told without making it: the record as it is now is read through the same guards as any
 * read, so nobody learns from a preview what their URL does not show.
 */
import type { Connector, Method } from '@quartermaster/connectors'
import { FailureError, type FieldChange, isRead } from '@quartermaster/protocol'
import { usesPseudonyms } from '../tools/resolve-arguments.ts'
import type { Tool } from '../tools/tool.ts'
import { type Answer, type BoundCall, type Refusal, refuse } from './call.ts'
import { canonicalValue, canonicalValues } from './canonical-value.ts'
import type { Next } from './compose.ts'

export type Preview =
  | {
      readonly ok: true
      readonly action: string
      readonly changes: readonly FieldChange[]
      readonly quotas: Answer['quotas']
    }
  | Refusal

/** What a call becomes to read the record that it would change. */
export type PreviewRead = Partial<Pick<BoundCall, 'tool' | 'input'>>

/** Works out the preview of a write. `read` goes on with the guards behind; it is called for one record at most. */
export type MakePreview = (call: BoundCall, read: Next<PreviewRead>) => Promise<Preview>

export function previews(catalog: ReadonlyMap<string, Connector>): MakePreview {
  return async (call, read) => {
    const { tool, input, access } = call
    const { kind, resource } = tool.method
    const action = `${kind} ${input.id === undefined ? `a new ${resource}` : `${resource} ${input.id}`}`
    try {
      // What a pseudonym stands for is not known here, and must not be.
      const hasPseudonyms = usesPseudonyms(access.policy, access.server.config.resolve_pseudonyms === true)
      if (!hasPseudonyms) await tool.method.prepare(input, { base: access.account.apiBase })
    } catch (error) {
      if (error instanceof FailureError) return { ok: false, failure: error.failure, quotas: [] }
      throw error
    }
    const wanted = Object.entries(input.args)
    const getter = kind === 'update' || kind === 'delete' ? readerOf(catalog, call) : undefined
    if (!getter || input.id === undefined) {
      return { ok: true, action, changes: wanted.map(([field, to]) => ({ field, to })), quotas: [] }
    }
    const current = await read({ tool: getter, input: { id: input.id, args: {} } })
    if (!current.ok) return current
    const [record = {}] = current.records
    const customFields = new Map(tool.method.input.map(({ name, customField }) => [name, customField]))
    const changes =
      kind === 'delete'
        ? canonicalValues(record).map(({ field, value: from }): FieldChange => ({ field, from }))
        : wanted.flatMap(([field, to]): FieldChange[] => {
            const from = canonicalValue(record, field, customFields.get(field))
            if (from === to) return []
            return [{ field, ...(from === undefined ? {} : { from }), to }]
          })
    return { ok: true, action, changes, quotas: current.quotas }
  }
}

/** The system's `get`, for a URL that is shown rows of the resource in one way or another; a count shows none. */
function readerOf(catalog: ReadonlyMap<string, Connector>, { tool, access }: BoundCall): Tool | undefined {
  const isSame = (method: Method) => method.resource === tool.method.resource
  const reads = access.tools.some(({ method }) => isSame(method) && showsRows(method))
  const method = catalog.get(access.account.system)?.methods.find((one) => one.kind === 'get' && isSame(one))
  return method && reads ? { ...tool, method } : undefined
}

function showsRows({ kind }: Method): boolean {
  return isRead(kind) && kind !== 'aggregate'
}

/** The preview as the answer to a dry run. */
export function toAnswer(preview: Preview): Answer {
  if (!preview.ok) return refuse(preview.failure)
  const { action, changes, quotas } = preview
  return { ok: true, records: [{ dry_run: true, action, changes }], quotas, did: 'dry_run' }
}
