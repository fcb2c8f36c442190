/**
 * @module
 * What one role sees of one kind of record, worked out once: for each field its class and what is done with it.
 */
import {
  type ClassTree,
  type PiiAction,
  type PiiClass,
  type Policy,
  piiClasses,
  strictest,
} from '@quartermaster/protocol'

/** What is done with a value. */
export interface Rule {
  readonly piiClass: PiiClass
  readonly action: PiiAction
}

export type View = Rule | Members

/** An object's members, without those that leave no trace. */
export interface Members {
  readonly members: ReadonlyMap<string, View>
}

/** What an operator says of a field: what it holds, and optionally that nobody sees more of it than this. */
export interface FieldClass {
  readonly piiClass: PiiClass
  readonly treatment?: PiiAction
  /** What holds beside it: of a sum, what is said of the field that is added up. */
  readonly and?: FieldClass
}

/** What an operator says of the fields of one resource of one account. */
export interface FieldClasses {
  /** Canonical fields by their dotted path. They can be made stricter, never more visible. */
  readonly fields: ReadonlyMap<string, FieldClass>
  /** The account's custom fields by their name in the system. */
  readonly custom: ReadonlyMap<string, FieldClass>
}

export const nothingClassified: FieldClasses = { fields: new Map(), custom: new Map() }

export function isRule(view: View): view is Rule {
  return 'action' in view
}

type Classes = { readonly [field: string]: ClassTree }
const known = new WeakMap<Classes, WeakMap<Policy, WeakMap<FieldClasses, Members>>>()

/** The same three arguments give the same view. */
export function viewOf(classes: Classes, policy: Policy, operator: FieldClasses = nothingClassified): Members {
  const byPolicy = known.get(classes) ?? new WeakMap<Policy, WeakMap<FieldClasses, Members>>()
  known.set(classes, byPolicy)
  const byOperator = byPolicy.get(policy) ?? new WeakMap<FieldClasses, Members>()
  byPolicy.set(policy, byOperator)
  const view = byOperator.get(operator) ?? membersOf(classes, policy, operator, '')
  byOperator.set(operator, view)
  return view
}

/** What is done with one of the account's custom fields. */
export function customRule(policy: Policy, operator: FieldClasses, name: string): Rule {
  const said = operator.custom.get(name)
  return said ? ruleOf(policy, said) : { piiClass: 'unclassified', action: policy.unclassified }
}

/** True when a role can see any of the account's custom fields. */
export function showsCustomFields(policy: Policy, operator: FieldClasses): boolean {
  if (policy.unclassified !== 'strip') return true
  return [...operator.custom.values()].some((said) => ruleOf(policy, said).action !== 'strip')
}

function membersOf(classes: Classes, policy: Policy, operator: FieldClasses, path: string): Members {
  const members = Object.entries(classes).flatMap(([name, tree]) => {
    const at = path === '' ? name : `${path}.${name}`
    return isHidden(tree, policy, operator, at) ? [] : [[name, treeOf(tree, policy, operator, at)] as const]
  })
  return { members: new Map(members) }
}

function treeOf(tree: ClassTree, policy: Policy, operator: FieldClasses, path: string): View {
  if (typeof tree !== 'string') return membersOf(tree, policy, operator, path)
  return leafRule(tree, policy, operator, path)
}

function leafRule(piiClass: PiiClass, policy: Policy, operator: FieldClasses, path: string): Rule {
  const said = operator.fields.get(path)
  if (!said) return { piiClass, action: policy[piiClass] }
  const rule = ruleOf(policy, said)
  return { piiClass: rule.piiClass, action: strictest(rule.action, policy[piiClass]) }
}

function ruleOf(policy: Policy, { piiClass, treatment = 'keep', and }: FieldClass): Rule {
  const action = strictest(policy[piiClass], treatment)
  return { piiClass, action: and ? strictest(action, ruleOf(policy, and).action) : action }
}

/**
 * Decided by the classes alone, never by the data: a list of addresses without the addresses would still say how many
 * there are, so members that only label hidden ones are hidden with them.
 */
function isHidden(tree: ClassTree, policy: Policy, operator: FieldClasses, path: string): boolean {
  if (typeof tree === 'string') {
    const customFields = tree === 'unclassified' && showsCustomFields(policy, operator)
    return leafRule(tree, policy, operator, path).action === 'strip' && !customFields
  }
  const members = Object.entries(tree)
  const shown = members.filter(([name, member]) => !isHidden(member, policy, operator, `${path}.${name}`))
  return shown.length < members.length && shown.every(([, member]) => member === 'none')
}

/** True when nothing is withheld under this policy. */
export function keepsEverything(policy: Policy): boolean {
  return piiClasses.every((piiClass) => policy[piiClass] === 'keep')
}
