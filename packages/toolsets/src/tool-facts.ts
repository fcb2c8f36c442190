/**
 * @module
 * What a tool says about itself in its `_meta`, so that nobody has to read meaning into its name.
 */
import { methodKinds, TOOL_META } from '@quartermaster/protocol'
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
})

export type ToolFacts = Required<z.infer<typeof toolMeta>>

/** The facts, or undefined when the tool does not state them in the expected form. */
export function toolFacts(tool: DescribedTool): ToolFacts | undefined {
  const facts = toolMeta.safeParse(tool._meta?.[TOOL_META]).data
  return facts && { ...facts, method: facts.method ?? facts.kind }
}
