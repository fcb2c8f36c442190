/**
 * @module
 * What a tool says about itself in its `_meta`, so that its name need not be parsed.
 */
import { methodKinds, type PolicyName, policyNames, TOOL_META } from '@quartermaster/protocol'
import { z } from 'zod'

/** As much of an MCP tool as a toolset looks at. */
export interface DescribedTool {
  readonly name: string
  readonly _meta?: Readonly<Record<string, unknown>>
}

const toolMeta = z.object({
  system: z.string(),
  resource: z.string(),
  kind: z.enum(methodKinds),
  /** The method's own name; for the standard kinds it is the kind. */
  method: z.string().optional(),
  tags: z.array(z.string()),
  /** Any text: a newer server may know more policies. */
  pii: z.string().optional(),
})

export interface ToolFacts extends Readonly<Omit<z.infer<typeof toolMeta>, 'method' | 'pii'>> {
  readonly method: string
  /** The policy that the server redacts answers by; absent when it does not say, or says one that is not known here. */
  readonly pii?: PolicyName
}

/** The facts, or undefined when the tool does not state them in the expected form. */
export function toolFacts(tool: DescribedTool): ToolFacts | undefined {
  const facts = toolMeta.safeParse(tool._meta?.[TOOL_META]).data
  if (!facts) return undefined
  const { method = facts.kind, pii, ...others } = facts
  const known = policyNames.find((name) => name === pii)
  return { ...others, method, ...(known === undefined ? {} : { pii: known }) }
}
