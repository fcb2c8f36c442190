/**
 * @module
 * What a TypeScript file imports, by whatever form of words: `import`, `import type`, `export … from`, `import(…)` and
 * `typeof import(…)`. All count alike, because a type that points upwards ties two files together as well as a value.
 */
import { readTokens, type Token } from './read-tokens.ts'

/** The specifiers in their order, each as often as it stands. One that is computed is given as `undefined`. */
export function importsOf(source: string): (string | undefined)[] {
  const tokens = readTokens(source)
  const found: (string | undefined)[] = []
  for (const [at, token] of tokens.entries()) {
    if (token.kind !== 'word' || isMember(tokens, at)) continue
    if (token.text === 'import') found.push(...readImport(tokens, at + 1))
    if (token.text === 'export') found.push(...readExport(tokens, at + 1))
  }
  return found
}

/** `object.import`, or a property of that name. */
function isMember(tokens: readonly Token[], at: number): boolean {
  const after = tokens[at + 1]
  return isSign(tokens[at - 1], '.') || isSign(after, ':') || isSign(after, '?')
}

function readImport(tokens: readonly Token[], at: number): (string | undefined)[] {
  const next = tokens[at]
  if (next?.kind === 'string') return [next.text]
  if (isSign(next, '.')) return []
  if (isSign(next, '(')) {
    const [specifier, end] = tokens.slice(at + 1, at + 3)
    return [specifier?.kind === 'string' && (isSign(end, ')') || isSign(end, ',')) ? specifier.text : undefined]
  }
  return fromAfter(tokens, at)
}

/** Only `export *`, `export {` and their `type` forms can have a `from`. */
function readExport(tokens: readonly Token[], at: number): (string | undefined)[] {
  const start = tokens[at]?.text === 'type' ? at + 1 : at
  const opens = tokens[start]
  if (isSign(opens, '*')) return fromAfter(tokens, start)
  if (!isSign(opens, '{')) return []
  const close = tokens.findIndex((token, index) => index > start && isSign(token, '}'))
  return tokens[close + 1]?.text === 'from' ? fromAfter(tokens, close) : []
}

/** The string behind the next `from`. A name may be `from` as well, so the string decides. */
function fromAfter(tokens: readonly Token[], at: number): string[] {
  for (let index = at; index < tokens.length; index += 1) {
    const [token, next] = [tokens[index], tokens[index + 1]]
    if (token?.kind === 'word' && token.text === 'from' && next?.kind === 'string') return [next.text]
    // `import x = require(…)` and what is no import at all.
    if (isSign(token, ';') || isSign(token, '=') || isSign(token, '(')) return []
  }
  return []
}

function isSign(token: Token | undefined, text: string): boolean {
  return token?.kind === 'sign' && token.text === text
}
