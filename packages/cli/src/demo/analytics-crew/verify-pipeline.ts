/**
 * @module
 * Compares figures with what the systems really hold: the sandbox's raw records, counted on another way.
 */
import { z } from 'zod'
import type { Figure } from './pipeline-figures.ts'

const world = z.object({ stages: z.array(z.object({ label: z.string(), closed: z.boolean(), won: z.boolean() })) })
const raw = z.object({
  records: z.array(z.object({ archived: z.boolean(), values: z.record(z.string(), z.unknown()) })),
})

export interface PipelineCheck {
  readonly deals: number
  /** What is not as it should be, in words. */
  readonly faults: readonly string[]
}

/** @param companyUrl such as `http://127.0.0.1:4800/__sandbox/acme` */
export async function verifyPipeline(companyUrl: string, figures: readonly Figure[]): Promise<PipelineCheck> {
  const ask = async (path: string): Promise<unknown> => (await fetch(`${companyUrl}/${path}`)).json()
  const { stages } = world.parse(await ask('world'))
  // One system calls a stage by its label, the other by the label's letters in lower case.
  const statusOf = (told: unknown) => {
    const stage = stages.find(({ label }) => [label, label.toLowerCase().replace(/[^a-z]/g, '')].includes(String(told)))
    return stage?.won ? 'won' : stage?.closed ? 'lost' : stage ? 'open' : 'unknown'
  }
  const sources = [
    { system: 'hubspot', path: 'hubspot/records/deals', stage: 'dealstage', amount: 'amount' },
    { system: 'salesforce', path: 'salesforce/records/Opportunity', stage: 'StageName', amount: 'Amount' },
  ]
  const faults: string[] = []
  let deals = 0
  for (const { system, path, stage, amount } of sources) {
    const live = raw.parse(await ask(path)).records.filter(({ archived }) => !archived)
    deals += live.length
    for (const status of ['open', 'won', 'lost']) {
      const held = live.filter(({ values }) => statusOf(values[stage]) === status)
      const told = figures.filter((row) => row.system === system && row.status === status)
      compare(`${system}: ${status} deals`, sum(told.map(({ count }) => count)), held.length)
      compare(
        `${system}: sum of ${status} deals`,
        sum(told.map((row) => row.amount)),
        sum(held.map(({ values }) => Number(values[amount] ?? 0))),
      )
    }
    const perStage = Object.values(Object.groupBy(live, ({ values }) => String(values[stage])))
    const counts = perStage.map((group) => group?.length ?? 0).sort((a, b) => a - b)
    const told = figures.filter((row) => row.system === system).map(({ count }) => count)
    compare(`${system}: deals per stage`, told.sort((a, b) => a - b).join(' '), counts.join(' '))
  }
  return { deals, faults }

  function compare(what: string, told: number | string, held: number | string): void {
    if (told !== held) faults.push(`${what}: the crew says ${told}, the records say ${held}`)
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
