/**
 * @module
 * A package's promises as one page of Markdown.
 */
import type { ApiEntry, ApiPackage } from './read-exports.ts'

const groups = [
  ['Functions', 'function'],
  ['Classes', 'class'],
  ['Values', 'value'],
  ['Types', 'type'],
] as const

export function renderPage({ name, about, entries }: ApiPackage): string {
  const parts = [
    `# @quartermaster/${name}`,
    words(about),
    '_Written by `npm run docs` from the docstrings; edit those._',
  ]
  for (const [title, kind] of groups) {
    const members = entries.filter((entry) => entry.kind === kind)
    if (members.length > 0) parts.push(`## ${title}`, ...members.map(renderEntry))
  }
  return `${parts.join('\n\n')}\n`
}

/** @param folders in the order of their pages */
export function renderIndex(packages: readonly ApiPackage[]): string {
  const rows = packages.map(({ name, about, entries }) => {
    const [sentence = ''] = words(about).split(/(?<=\.)\s/, 1)
    return `| [@quartermaster/${name}](${name}.md) | ${sentence.replaceAll('\n', ' ')} | ${entries.length} |`
  })
  return [
    '# API reference',
    '',
    'Every name that the agent-side packages export, with its signature and what it promises. Written by `npm run docs`',
    'from the sources; `npm run docs -- --check` fails when they differ, and is part of `npm run ok`.',
    '',
    '| package | promise | names |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ].join('\n')
}

function renderEntry({ name, kind, signature, text, throws, examples, file }: ApiEntry): string {
  const parts = [`### ${kind === 'function' ? `${name}()` : name}`]
  if (text !== '') parts.push(words(text))
  parts.push(`\`\`\`ts\n${signature}\n\`\`\``)
  for (const reason of throws) parts.push(`Throws: ${words(reason)}`)
  for (const example of examples)
    parts.push(example.startsWith('```') ? `Example:\n\n${example}` : `Example: ${example}`)
  parts.push(`[${file}](../../${file})`)
  return parts.join('\n\n')
}

/** Names in links become code; Markdown has no other way to say them here. */
function words(text: string): string {
  return text.replace(/\{@link ([^}|\s]+)[^}]*\}/g, '`$1`').trim()
}
