/**
 * @module
 * A mapping must build an object whose keys are all canonical fields. It is checked on the syntax tree, so that a
 * misspelt field is a load-time error and not data that silently never arrives.
 */
import type { RecordName } from '@quartermaster/protocol'
import type jsonata from 'jsonata'
import { type RecordPlan, recordPlan } from './clean-record.ts'
import { ExpressionInvalid } from './expression.ts'

interface ConditionNode {
  readonly then?: jsonata.ExprNode
  readonly else?: jsonata.ExprNode
}

/** @throws ExpressionInvalid when the mapping is not an object constructor or names a field that does not exist. */
export function checkMap(ast: jsonata.ExprNode, record: RecordName): void {
  const body = last(ast)
  if (!isConstructor(body, '{')) throw new ExpressionInvalid('must end in an object constructor: { "id": … }')
  checkNode(body, recordPlan(record), '')
}

function last(node: jsonata.ExprNode): jsonata.ExprNode {
  const final = node.type === 'block' ? node.expressions?.at(-1) : undefined
  return final ? last(final) : node
}

function isConstructor(node: jsonata.ExprNode, bracket: '{' | '['): boolean {
  return node.type === 'unary' && node.value === bracket
}

function checkNode(node: jsonata.ExprNode, plan: RecordPlan, path: string): void {
  const { then, else: otherwise } = node as ConditionNode
  if (then) checkNode(then, plan, path)
  if (otherwise) checkNode(otherwise, plan, path)
  if (plan.kind === 'list') {
    const elements = isConstructor(node, '[') ? (node.expressions ?? []) : [node]
    for (const element of elements) checkNode(element, plan.element, path)
    return
  }
  if (plan.kind !== 'object' || !isConstructor(node, '{')) return
  for (const [key, value] of node.lhs as [jsonata.ExprNode, jsonata.ExprNode][]) {
    const name = key.type === 'string' ? String(key.value) : undefined
    const member = plan.members.find((candidate) => candidate.name === name)
    if (!member) throw new ExpressionInvalid(`"${path}${name ?? '(computed key)'}" is not a canonical field`)
    checkNode(value, member.plan, `${path}${name}.`)
  }
}
