/**
 * @module
 * What the types cannot see: names that the graph cannot carry, names used twice, and, for callers without types, names
 * that lead nowhere.
 */
import { reservedNames, reviewNode } from './compile-crew.ts'
import type { CrewPlan } from './crew-plan.ts'

/** Tool names are built from agents' names, answer names from tasks'; providers allow 64 characters. */
const NAME = /^[A-Za-z][A-Za-z0-9_]{0,47}$/

/** @throws TypeError naming the fault. */
export function checkPlan(plan: CrewPlan): CrewPlan {
  const refuse = (fault: string): never => {
    throw new TypeError(`Cannot build crew "${plan.name}": ${fault}`)
  }
  const agents = new Set<string>()
  for (const { name, delegates, maxQuestions } of plan.agents) {
    if (!NAME.test(name)) refuse(`agent name "${name}" must be a letter and then letters, digits or _`)
    if (agents.has(name)) refuse(`agent "${name}" is there twice`)
    for (const other of delegates === 'all' ? [] : delegates)
      if (!agents.has(other)) refuse(`"${name}" cannot ask "${other}", who is not there yet`)
    if (!Number.isInteger(maxQuestions) || maxQuestions < 1) refuse(`maxQuestions of "${name}" must be at least 1`)
    agents.add(name)
  }
  const nodes = new Set(reservedNames)
  const tasks = new Set<string>()
  for (const { name, agent, needs, review, guardRetries } of plan.tasks) {
    if (!NAME.test(name)) refuse(`task name "${name}" must be a letter and then letters, digits or _`)
    for (const node of review ? [name, reviewNode(name), `${name}_done`] : [name]) {
      if (nodes.has(node)) refuse(`the name "${node}" is taken`)
      nodes.add(node)
    }
    if (!agents.has(agent)) refuse(`there is no agent "${agent}" for task "${name}"`)
    for (const need of needs)
      if (!tasks.has(need)) refuse(`task "${name}" needs "${need}", which does not come before it`)
    if (!Number.isInteger(guardRetries) || guardRetries < 0) refuse(`guardRetries of "${name}" must be a whole number`)
    tasks.add(name)
  }
  return plan
}
