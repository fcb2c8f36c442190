/**
 * @module
 * What the server says of one method of an account's system: a tool of the configuration, or why not.
 */
import { z } from 'zod'

export const explainedTool = z.object({
  /** `resource.method`, the name of its documentation record. */
  method: z.string(),
  /** The tool's name; null when the method is not documented. */
  name: z.string().nullable(),
  title: z.string().nullable(),
  available: z.boolean(),
  /**
   * A word for programs: `no_record`, `name_taken`, `filtered`, `missing_scope`, `policy`, `nothing_writable`,
   * `over_budget`. Newer servers may know more. Absent when it is available.
   */
  why: z.string().optional(),
  /** The same for people, with what would change it. */
  because: z.string().optional(),
  /** Of `filtered` and `over_budget`: the members of the configuration that leave it out. */
  by: z.array(z.string()).optional(),
  /** What the system's grant must hold for it; absent when it needs nothing. */
  scopes: z.array(z.string()).optional(),
  /** Of `missing_scope`: those that the account's grant lacks. */
  missing_scopes: z.array(z.string()).optional(),
  /** Of `policy` and `nothing_writable`: the required arguments that stand in the way. */
  arguments: z.array(z.string()).optional(),
})

export type ExplainedTool = Readonly<z.infer<typeof explainedTool>>
