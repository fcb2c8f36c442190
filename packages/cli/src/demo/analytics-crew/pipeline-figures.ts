/**
 * @module
 * Deals of several systems counted and summed by stage and by status. Sums are in the deals' own currency; a deal
 * without an amount counts, and adds nothing.
 */
import { z } from 'zod'

/** As much of a deal as the figures need. Whatever else an answer holds is dropped where it is read. */
export const Deal = z.object({
  id: z.string(),
  amount: z.number().optional(),
  status: z.enum(['open', 'won', 'lost']),
  stage: z.object({ id: z.string() }),
})
export type Deal = z.infer<typeof Deal>

export const Stage = z.object({ id: z.string(), name: z.string(), order: z.number().optional() })
export type Stage = z.infer<typeof Stage>

export const Figure = z.object({
  system: z.string(),
  stage: z.string(),
  status: z.enum(['open', 'won', 'lost']),
  count: z.number(),
  amount: z.number(),
})
export type Figure = z.infer<typeof Figure>

export function pipelineFigures(system: string, stages: readonly Stage[], deals: readonly Deal[]): Figure[] {
  const order = new Map(stages.map((stage, index) => [stage.id, { name: stage.name, order: stage.order ?? index }]))
  const rows = new Map<string, Figure>()
  const byStage = [...deals].sort((a, b) => (order.get(a.stage.id)?.order ?? 0) - (order.get(b.stage.id)?.order ?? 0))
  for (const { stage, status, amount = 0 } of byStage) {
    const key = `${stage.id} ${status}`
    const row = rows.get(key) ?? { system, stage: order.get(stage.id)?.name ?? stage.id, status, count: 0, amount: 0 }
    rows.set(key, { ...row, count: row.count + 1, amount: row.amount + amount })
  }
  return [...rows.values()]
}

/** The figures as an aligned table, for people and models alike. */
export function figuresTable(figures: readonly Figure[]): string {
  const lines = figures.map(({ system, stage, status, count, amount }) =>
    [system.padEnd(10), stage.padEnd(25), status.padEnd(4), String(count).padStart(4), money(amount)].join('  '),
  )
  return lines.join('\n')
}

export function money(amount: number): string {
  return amount.toLocaleString('en-US', { maximumFractionDigits: 0 }).padStart(12)
}
