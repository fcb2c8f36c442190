/**
 * @module
 * What a package promises to those who import it: each name that its entry file exports, with its signature and its
 * docstring, as the compiler understands them.
 */
import { fileURLToPath } from 'node:url'
import type { Node, SourceFile } from 'typescript/unstable/ast'
import {
  isClassDeclaration,
  isFunctionDeclaration,
  isInterfaceDeclaration,
  isTypeAliasDeclaration,
  isVariableDeclaration,
} from 'typescript/unstable/ast/is'
import { API, type Project, type Symbol as TsSymbol } from 'typescript/unstable/sync'

export interface ApiEntry {
  readonly name: string
  readonly kind: 'function' | 'class' | 'type' | 'value'
  /** TypeScript, without bodies. */
  readonly signature: string
  readonly text: string
  readonly throws: readonly string[]
  readonly examples: readonly string[]
  /** From the root of the repository. */
  readonly file: string
}

export interface ApiPackage {
  readonly name: string
  /** What the entry file says of itself. */
  readonly about: string
  readonly entries: readonly ApiEntry[]
}

const root = fileURLToPath(new URL('../..', import.meta.url))

/** @throws Error when a package has no entry file, or exports something that has no declaration to show. */
export function readExports(folders: readonly string[]): readonly ApiPackage[] {
  const api = new API({ cwd: root })
  try {
    return folders.map((folder) => readPackage(api, folder))
  } finally {
    api.close()
  }
}

function readPackage(api: API, folder: string): ApiPackage {
  const config = `${root}packages/${folder}/tsconfig.json`
  const project = api.updateSnapshot({ openProjects: [config] }).getProject(config)
  const entry = project?.program.getSourceFile(`${root}packages/${folder}/src/index.ts`)
  const module = project && entry && project.checker.getSymbolAtLocation(entry)
  if (!(project && entry && module)) throw new Error(`Cannot read the API of ${folder}: it has no src/index.ts`)
  const exported = project.checker.getExportsOfModule(module)
  const entries = exported.map((symbol) => readEntry(project, symbol))
  return {
    name: folder,
    about: moduleText(entry),
    entries: entries.toSorted((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1)),
  }
}

function readEntry(project: Project, exported: TsSymbol): ApiEntry {
  const { checker } = project
  const symbol = checker.getAliasedSymbol(exported)
  const nodes = symbol.declarations.flatMap((handle) => handle.resolve(project) ?? [])
  const [first] = nodes
  if (!first) throw new Error(`Cannot read the API: ${exported.name} has no declaration`)
  const file = first.getSourceFile()
  const tags = symbol.getJsDocTags(checker)
  const tagged = (name: string) => tags.filter((tag) => tag.name === name).map(({ text }) => textOf(text))
  return {
    name: exported.name,
    kind: kindOf(first),
    signature: nodes.map((node) => signatureOf(project, node)).join('\n'),
    // A file's main export is named like the file, and then the file's promise is its promise.
    text: symbol.getDocumentationComment(checker).trim() || (isNamedLike(file, exported.name) ? moduleText(file) : ''),
    throws: tagged('throws'),
    examples: tagged('example'),
    file: file.fileName.slice(root.length),
  }
}

function kindOf(node: Node): ApiEntry['kind'] {
  if (isFunctionDeclaration(node)) return 'function'
  if (isClassDeclaration(node)) return 'class'
  return isInterfaceDeclaration(node) || isTypeAliasDeclaration(node) ? 'type' : 'value'
}

function signatureOf(project: Project, node: Node): string {
  const file = node.getSourceFile()
  const text = (from: number, to: number) => file.text.slice(from, to).trim()
  const start = node.getStart(file)
  if (isFunctionDeclaration(node)) {
    const head = text(start, node.body?.pos ?? node.end)
    return plain(node.type ? head : `${head}: ${returnType(project, node)}`)
  }
  if (isClassDeclaration(node)) {
    const [firstMember] = node.members
    const head = text(start, firstMember?.pos ?? node.end)
    const members = node.members.flatMap((member) => memberOf(project, member, file) ?? [])
    return plain(`${head}\n${members.join('\n')}\n}`)
  }
  if (isVariableDeclaration(node)) {
    const type = node.type ? `: ${text(node.type.pos, node.type.end)}` : ''
    const value = node.initializer ? ` = ${text(node.initializer.pos, node.initializer.end)}` : ''
    return `const ${text(start, node.name.end)}${type}${value}`
  }
  return plain(text(start, node.end))
}

/** A member as its users see it, with its docstring; undefined for what they do not see. */
function memberOf(project: Project, member: Node, file: SourceFile): string | undefined {
  const start = member.getStart(file)
  const before = file.text.slice(member.pos, start)
  const doc = /\/\*\*[\s\S]*?\*\/\s*$/.exec(before)?.[0].trimEnd()
  const body: unknown = Reflect.get(member, 'body')
  const type: unknown = Reflect.get(member, 'type')
  const value: unknown = Reflect.get(member, 'initializer')
  const end = positionOf(body) ?? positionOf(value) ?? member.end
  const head = file.text
    .slice(start, end)
    .replace(/\s*=?\s*$/, '')
    .replace(/^async\s+|^override\s+/, '')
  if (/^(?:static\s+)?(?:readonly\s+)?(?:async\s+)?#|^(?:private|protected)\b/.test(head)) return undefined
  const isConstructor = /^constructor\b/.test(head)
  const typed =
    body !== undefined && type === undefined && !isConstructor ? `${head}: ${returnType(project, member)}` : head
  return [...(doc === undefined ? [] : [`  ${doc}`]), `  ${typed}`].join('\n')
}

function returnType({ checker }: Project, node: Node): string {
  const signature = checker.getSignatureFromDeclaration(node)
  const type = signature && checker.getReturnTypeOfSignature(signature)
  return type ? checker.typeToString(type, node) : 'unknown'
}

function positionOf(node: unknown): number | undefined {
  const position: unknown = typeof node === 'object' && node !== null ? Reflect.get(node, 'pos') : undefined
  return typeof position === 'number' ? position : undefined
}

/** A declaration as documentation writes it. */
function plain(declaration: string): string {
  return declaration
    .replace(/^export\s+/, '')
    .replace(/^async\s+/, '')
    .replaceAll(/^(\s*)(?:override )/gm, '$1')
}

function isNamedLike({ fileName }: SourceFile, name: string): boolean {
  return fileName.endsWith(`/${name.replaceAll(/(?<=[a-z])[A-Z]/g, '-$&').toLowerCase()}.ts`)
}

function moduleText(file: SourceFile): string {
  const comment = /^\/\*\*([\s\S]*?)\*\//.exec(file.text)?.[1] ?? ''
  const lines = comment.split('\n').map((line) => line.replace(/^\s*\*? ?/, ''))
  return lines.join('\n').replace('@module', '').trim()
}

function textOf(parts: unknown): string {
  if (typeof parts === 'string') return parts.trim()
  if (!Array.isArray(parts)) return ''
  return parts
    .map((part: unknown) => (typeof part === 'string' ? part : String(Reflect.get(Object(part), 'text') ?? '')))
    .join('')
    .trim()
}
