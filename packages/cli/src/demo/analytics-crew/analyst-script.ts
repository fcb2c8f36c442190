/**
 * @module
 * Plays the writer's part without a model: reads the table of figures it is given and says what stands out.
 */
import { scriptedModel } from '@quartermaster/crew'
import { money } from './pipeline-figures.ts'

export const analystScript = scriptedModel(({ question }) => {
  const rows = question.split('\n').flatMap((line) => {
    const [system, stage, status, count, amount] = line.split(/ {2,}/)
    return amount === undefined || !stage
      ? []
      : [{ system, stage, status, count: Number(count), amount: Number(amount.replaceAll(',', '')) }]
  })
  const systems = [...new Set(rows.map(({ system }) => system))]
  return systems
    .map((system) => {
      const open = rows.filter((row) => row.system === system && row.status === 'open')
      const largest = open.reduce((a, b) => (b.amount > a.amount ? b : a), { stage: 'none', amount: 0 })
      const deals = open.reduce((sum, { count }) => sum + count, 0)
      const worth = open.reduce((sum, { amount }) => sum + amount, 0)
      return `${system}: ${deals} open deals worth ${money(worth).trim()}; most of it is in "${largest.stage}" (${money(largest.amount).trim()}).`
    })
    .join('\n')
})
