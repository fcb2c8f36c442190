/**
 * @module
 * Cases of a connector as data, `cases/*.yaml`, one document per case: what is asked, the request it makes, what the
 * system answers, and what comes out.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { failureCodes } from '@quartermaster/protocol'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { ConnectorInvalid, type Fault } from '../src/connector-invalid.ts'

const scalar = z.union([z.string(), z.number(), z.boolean()])
const failureCode = z.enum(Object.keys(failureCodes) as [keyof typeof failureCodes])
const quota = z.strictObject({
  policy: z.string(),
  limit: z.number().optional(),
  remaining: z.number().optional(),
  resetS: z.number().optional(),
  windowS: z.number().optional(),
})

const caseFile = z.strictObject({
  name: z.string().min(1),
  /** `<resource>.<method>`, or `<resource>.discover`. */
  method: z.string().regex(/^[a-z_]+\.[a-z_]+$/),
  input: z
    .strictObject({
      id: z.string().optional(),
      ids: z.array(z.string()).optional(),
      limit: z.number().optional(),
      cursor: z.string().optional(),
      args: z.record(z.string(), scalar).default({}),
    })
    .prefault({}),
  base: z.string().default('https://api.example.test'),
  custom_fields: z.array(z.string()).optional(),
  /** The system's answer about the account's fields, as JSON; the method is then the one that this account has. */
  described: z.unknown().optional(),
  /** What the clock says. */
  now: z.iso.datetime().optional(),
  /** The exact request. `body` is compared as JSON; `query` names parameters after decoding, so that a long one is readable. */
  request: z
    .strictObject({
      method: z.string(),
      url: z.string().optional(),
      path: z.string().optional(),
      query: z.record(z.string(), z.string()).optional(),
      headers: z.record(z.string(), z.string()).optional(),
      body: z.unknown().optional(),
    })
    .optional(),
  /** Instead of a request: the failure that `prepare` throws. */
  refused: z.strictObject({ code: failureCode, message: z.string().optional() }).optional(),
  answer: z
    .strictObject({
      status: z.number().int(),
      headers: z.record(z.string(), z.string()).default({}),
      /** JSON. */
      body: z.unknown().optional(),
      /** Instead of `body`: text as it stands. */
      text: z.string().optional(),
    })
    .optional(),
  outcome: z
    .strictObject({
      records: z.array(z.record(z.string(), z.unknown())).optional(),
      cursor: z.string().optional(),
      total_count: z.number().optional(),
      missing: z.array(z.string()).optional(),
      names: z.array(z.string()).optional(),
      failure: z
        .strictObject({
          code: failureCode,
          retry_after_s: z.number().optional(),
          message: z.string().optional(),
          advice: z.string().optional(),
        })
        .optional(),
      unauthorized: z.boolean().optional(),
      quotas: z.array(quota).optional(),
    })
    .optional(),
})

export type CaseFile = z.infer<typeof caseFile>

/**
 * Reads all cases of a connector folder, in the order of file names.
 * @throws ConnectorInvalid with every fault of every case file.
 */
export function loadCases(folder: string): CaseFile[] {
  const cases = join(folder, 'cases')
  const faults: Fault[] = []
  if (!existsSync(cases)) return []
  const names = readdirSync(cases)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
  const loaded = names.flatMap((name) =>
    [...parseAllDocuments(readFileSync(join(cases, name), 'utf8'))].flatMap((document, index) => {
      const path = `cases/${name}[${index}]`
      faults.push(...document.errors.map((error) => ({ path, problem: error.message.split('\n', 1)[0] ?? '' })))
      const result = caseFile.safeParse(document.toJS())
      if (result.success) return [result.data]
      const { issues } = result.error
      faults.push(...issues.map((issue) => ({ path: `${path}.${issue.path.join('.')}`, problem: issue.message })))
      return []
    }),
  )
  if (faults.length > 0) throw new ConnectorInvalid(basename(resolve(folder)), faults)
  return loaded
}
