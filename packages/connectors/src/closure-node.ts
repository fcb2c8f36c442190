/**
 * @module
 * The syntax tree of an expression as the closure compiler reads it, and the frame its closures run in. What the
 * compiler does not know, it refuses.
 */

/** A node of JSONata's syntax tree; which members are there depends on `type`. */
export interface Node {
  readonly type: string
  readonly value?: unknown
  readonly steps?: readonly Node[]
  readonly stages?: readonly Filter[]
  readonly predicate?: readonly Filter[]
  readonly expressions?: readonly Node[]
  readonly lhs?: Node | readonly (readonly [Node, Node])[]
  readonly rhs?: Node
  readonly expression?: Node
  readonly procedure?: Node
  readonly arguments?: readonly Node[]
  readonly body?: Node
  readonly signature?: unknown
  readonly condition?: Node
  readonly then?: Node
  readonly else?: Node
  readonly keepArray?: boolean
  readonly keepSingletonArray?: boolean
  readonly consarray?: boolean
}

export interface Filter {
  readonly type: string
  readonly expr: Node
}

/** One evaluation: what names stand for, and how many steps are left. */
export interface Frame {
  readonly root: unknown
  readonly bindings: { readonly [name: string]: unknown }
  /** Local names, by the number the compiler gave them. */
  readonly slots: unknown[]
  readonly steps: number
  left: number
}

/** A part of an expression, ready to run. It ends: no closure can call itself. */
export type Closure = (context: unknown, frame: Frame) => unknown

/** Thrown while compiling: this expression is for the interpreter. */
export class OutsideSubset extends Error {
  override readonly name = 'OutsideSubset'
}

const known: ReadonlySet<string> = new Set(
  `type value position name steps stages predicate expressions lhs rhs expression procedure arguments body signature
  condition then else keepArray keepSingletonArray consarray`.split(/\s+/),
)

/**
 * Lets a node pass whose every member is known, so that a construct this code has never heard of cannot be half-read.
 * @throws OutsideSubset
 */
export function admit(node: Node): void {
  for (const [member, value] of Object.entries(node)) {
    if (value !== undefined && !known.has(member)) throw new OutsideSubset(`member ${member} of ${node.type}`)
  }
  for (const filter of [...(node.stages ?? []), ...(node.predicate ?? [])]) {
    if (filter.type !== 'filter') throw new OutsideSubset(filter.type)
  }
}

/** @throws OutsideSubset when the tree has no node in that place. */
export function required(node: Node | undefined): Node {
  if (node === undefined) throw new OutsideSubset('missing node')
  return node
}

/** How many nodes a subtree has: what one run through it costs at most, loops inside of it not counted. */
export function sizeOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const inner = Object.values(value).reduce((sum: number, member) => sum + sizeOf(member), 0)
  return inner + (!Array.isArray(value) && 'type' in value && value.type !== 'filter' ? 1 : 0)
}

/** @throws RangeError when the evaluation has used up its steps. */
export function spend(frame: Frame, steps: number): void {
  frame.left -= steps
  if (frame.left < 0) throw new RangeError(`Cannot evaluate: more than ${frame.steps} steps`)
}
