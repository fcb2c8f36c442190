/**
 * @module
 * A TypeScript file as a list of words, strings and signs, as far as import statements need it: comments, the insides of
 * templates and regular expressions are left out, so that none of them can look like an import or hide one.
 */

export interface Token {
  readonly kind: 'word' | 'string' | 'sign'
  /** Of a string what it says, without its quotes. */
  readonly text: string
}

/** After these words a slash starts a regular expression; after any other word it divides. */
const beforeRegex =
  /^(return|typeof|case|in|of|do|else|void|delete|throw|new|await|yield|instanceof|import|export|default)$/

/** A template without `${}` is a string; the expressions inside another template are tokens of their own. */
export function readTokens(source: string): Token[] {
  const tokens: Token[] = []
  // For each template whose `${` is open: how many braces were open then.
  const templates: number[] = []
  let braces = 0
  let at = 0
  const push = (kind: Token['kind'], text: string) => tokens.push({ kind, text })

  /** From behind a backtick or a closing `}` to the next `${` or the end of the template. */
  const readTemplate = (isStart: boolean): void => {
    const from = at
    while (at < source.length) {
      const char = source[at]
      if (char === '\\') at += 2
      else if (char === '`') {
        if (isStart) push('string', source.slice(from, at))
        at += 1
        return
      } else if (char === '$' && source[at + 1] === '{') {
        if (isStart) push('sign', '`')
        templates.push(braces)
        braces += 1
        at += 2
        return
      } else at += 1
    }
  }

  while (at < source.length) {
    const char = source[at] ?? ''
    const pair = source.slice(at, at + 2)
    if (/\s/.test(char)) at += 1
    else if (pair === '//' || (at === 0 && pair === '#!')) at = endOf(source, '\n', at)
    else if (pair === '/*') at = endOf(source, '*/', at + 2)
    else if (char === "'" || char === '"') {
      const end = endOfString(source, at)
      push('string', source.slice(at + 1, end - 1))
      at = end
    } else if (char === '`') {
      at += 1
      readTemplate(true)
    } else if (char === '/' && startsRegex(tokens.at(-1))) {
      at = endOfRegex(source, at)
      push('sign', '/')
    } else if (/[\w$]/.test(char)) {
      const [word = char] = /^[\w$]+/.exec(source.slice(at, at + 200)) ?? []
      push('word', word)
      at += word.length
    } else {
      at += 1
      if (char === '{') braces += 1
      if (char === '}') braces -= 1
      if (char === '}' && templates.at(-1) === braces) {
        templates.pop()
        readTemplate(false)
      } else push('sign', char)
    }
  }
  return tokens
}

function endOf(source: string, mark: string, from: number): number {
  const found = source.indexOf(mark, from)
  return found === -1 ? source.length : found + mark.length
}

function endOfString(source: string, start: number): number {
  let at = start + 1
  while (at < source.length && source[at] !== source[start] && source[at] !== '\n') at += source[at] === '\\' ? 2 : 1
  return at + 1
}

function startsRegex(before: Token | undefined): boolean {
  if (before === undefined) return true
  if (before.kind === 'word') return beforeRegex.test(before.text)
  return before.kind === 'sign' && !/^[)\]}/]$/.test(before.text)
}

function endOfRegex(source: string, start: number): number {
  let at = start + 1
  let inClass = false
  while (at < source.length && source[at] !== '\n' && (inClass || source[at] !== '/')) {
    if (source[at] === '[') inClass = true
    if (source[at] === ']') inClass = false
    at += source[at] === '\\' ? 2 : 1
  }
  return at + 1
}
