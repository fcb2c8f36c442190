/** @module What `npm run boundaries` refuses, each planted and seen. */
import { expect, test } from 'vitest'
import { findFaults } from './find-faults.ts'
import { readTables } from './read-tables.ts'

const tables = readTables(`
| package | promises | may import |
|---|---|---|
| \`protocol\` | the wire | zod |
| \`server\` | all of it | protocol, hono |
| \`client\` | the agent side | protocol |
| \`cli\` | commands | everything |

| folders of packages/server/src | what they are for |
|---|---|
| \`keys\` \`time\` | below |
| \`store\` | above |
| \`server.ts\` \`index.ts\` | on top |
`)

const sound = {
  'packages/server/src/keys/seal.ts': '',
  'packages/server/src/time/clock.ts': "import { seal } from '../keys/seal.ts'",
  'packages/server/src/store/open.ts':
    "import { now } from '../time/clock.ts'\nimport { z } from '@quartermaster/protocol'",
  'packages/server/src/store/open.test.ts':
    "import { it } from '../server.ts'\nimport { x } from '@quartermaster/client'",
  'packages/server/src/server.ts': "import { open } from './store/open.ts'",
  'packages/server/src/index.ts': "export { it } from './server.ts'",
  'packages/client/src/rooms/one.ts': "import { two } from '../two.ts'",
  'packages/client/src/two.ts': '',
  'packages/client/src/index.ts': "export * from './rooms/one.ts'",
}

/** The faults of a sound tree in which these files stand as well, or instead. */
function faults(planted: Readonly<Record<string, string>>): string[] {
  const entries = Object.entries({ ...sound, ...planted }).map(
    ([file, text]) => [file, `/** @module For a test. */\n${text}\n`] as const,
  )
  return findFaults(new Map(entries), tables)
}

const server = 'packages/server/src'
const client = 'packages/client/src'

test('findFaults() finds none in a tree that keeps to the tables', () => {
  expect(faults({})).toEqual([])
})

test.each([
  [
    'an import upwards',
    { [`${server}/keys/upward.ts`]: "import { open } from '../store/open.ts'" },
    [`${server}/keys/upward.ts: keys imports store (${server}/store/open.ts), upwards`],
  ],
  [
    'an import upwards of a type alone',
    { [`${server}/keys/upward.ts`]: "import type { Open } from '../store/open.ts'" },
    [`${server}/keys/upward.ts: keys imports store (${server}/store/open.ts), upwards`],
  ],
  [
    'an import to the right in the same row',
    { [`${server}/keys/upward.ts`]: "export { now } from '../time/clock.ts'" },
    [`${server}/keys/upward.ts: keys imports time (${server}/time/clock.ts), upwards`],
  ],
  [
    'an import upwards when it runs',
    { [`${server}/keys/upward.ts`]: "const { open } = await import('../store/open.ts')" },
    [`${server}/keys/upward.ts: keys imports store (${server}/store/open.ts), upwards`],
  ],
  [
    'a folder that is on no floor',
    { [`${server}/attic/box.ts`]: '' },
    [`${server}/attic: is not in ARCHITECTURE.md's table of floors`],
  ],
  [
    'a circle of two files that types alone make',
    {
      [`${client}/a.ts`]: "import type { B } from './b.ts'\nexport type A = B",
      [`${client}/b.ts`]: "export type B = import('./a.ts').A",
    },
    [`cycle of files: ${client}/a.ts → ${client}/b.ts → ${client}/a.ts`],
  ],
  [
    'a circle of two folders without a circle of files',
    {
      [`${client}/left/a.ts`]: "import '../right/a.ts'",
      [`${client}/right/a.ts`]: '',
      [`${client}/right/b.ts`]: "import '../left/b.ts'",
      [`${client}/left/b.ts`]: '',
    },
    [`cycle of folders in ${client}: left → right → left`],
  ],
  [
    'a root file that is both above and below a folder',
    { [`${client}/two.ts`]: "import '../src/rooms/other.ts'", [`${client}/rooms/other.ts`]: '' },
    [`cycle of folders in ${client}: rooms → two.ts → rooms`],
  ],
  [
    'a package that this one may not import',
    { [`${client}/three.ts`]: "import type { Store } from '@quartermaster/server'" },
    [`${client}/three.ts: client may not import server`],
  ],
  [
    'a way into another package past its exports',
    { [`${client}/three.ts`]: "import '../../server/src/index.ts'" },
    [`${client}/three.ts: reaches into another package by path (../../server/src/index.ts)`],
  ],
  [
    'a file that is not there',
    { [`${client}/three.ts`]: "import './four.ts'" },
    [`${client}/three.ts: imports ./four.ts, which does not exist`],
  ],
  [
    'a source that needs a test',
    { [`${client}/three.ts`]: "import '../test/stage.ts'", 'packages/client/test/stage.ts': '' },
    [`${client}/three.ts: imports ../test/stage.ts, which is for tests`],
  ],
  [
    'an import that cannot be read',
    { [`${client}/three.ts`]: 'await import(name)' },
    [`${client}/three.ts: imports what is computed; write the specifier out`],
  ],
  [
    'a circle outside the packages',
    { 'bench/a.ts': "import './b.ts'", 'bench/b.ts': "import './a.ts'" },
    ['cycle of files: bench/a.ts → bench/b.ts → bench/a.ts'],
  ],
])('findFaults() names %s', (_, planted, expected) => {
  expect(faults(planted)).toEqual(expected)
})

test('findFaults() says it when the table names a folder that is gone', () => {
  const known = { ...tables, floors: [...tables.floors, 'cellar'] }
  const files = new Map(Object.entries(sound).map(([file, text]) => [file, `/** @module x */${text}`]))
  expect(findFaults(files, known)).toEqual([`ARCHITECTURE.md: there is no ${server}/cellar`])
})

test('readTables() reads rows from left to right, and refuses a text without them', () => {
  expect(tables.floors).toEqual(['keys', 'time', 'store', 'server.ts', 'index.ts'])
  expect(tables.packages['server']).toEqual(['protocol'])
  expect(() => readTables('# Architecture')).toThrow('ARCHITECTURE.md has no table')
})
