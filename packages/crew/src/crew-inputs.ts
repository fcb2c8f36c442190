/**
 * @module
 * What a crew is started with, held to the crew's schema however the crew is started: by itself, as a graph, or as a node
 * of another graph.
 */
import { z } from 'zod'

/** Inputs that do not fit the crew's schema. Nothing was run. */
export class InputsRefused extends TypeError {
  override readonly name = 'InputsRefused'
  /** Where and why, as zod says it; values are not repeated. */
  readonly issues: readonly z.core.$ZodIssue[]

  constructor(crew: string, { issues }: z.ZodError) {
    const faults = issues.map(({ path, message }) => `${['inputs', ...path].join('.')}: ${message}`)
    super(`Cannot start crew "${crew}": ${faults.join('; ')}`)
    this.issues = issues
  }
}

/**
 * What goes into the graph. Made once for a crew, because LangGraph remembers each such schema for good. Defaults and
 * transforms of `inputs` are applied once, on the way in.
 *
 * Parsing throws InputsRefused.
 */
export function entrySchema(crew: string, inputs: z.ZodType) {
  // Optional, because a graph around the crew that has no inputs sends none; the schema of the crew decides.
  const entering = z
    .unknown()
    .optional()
    .transform((given) => {
      const parsed = inputs.safeParse(given)
      if (!parsed.success) throw new InputsRefused(crew, parsed.error)
      return parsed.data
    })
  return z.looseObject({ inputs: entering })
}
