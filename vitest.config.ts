import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/** Tests of what takes long: searches, fuzzing, canaries, whole processes that are stopped and killed, a browser. */
const proofs = [
  'packages/server/src/policy/dictionary.test.ts',
  'test/bench/**/*.test.ts',
  'test/browser/**/*.test.ts',
  'test/canaries/**/*.test.ts',
  'test/docs/shell-blocks.test.ts',
  'test/e2e/database-outage.test.ts',
  'test/examples/**/*.test.ts',
  'test/fuzz/**/*.test.ts',
  'test/quota/four-processes.test.ts',
  'test/regular-expressions.test.ts',
]

/** Tests that open a database of their own: SQLite files, PostgreSQL, Redis. */
const stores = [
  'packages/client/src/gate/*gate-store.test.ts',
  'packages/server/src/maintenance/move-store.test.ts',
  'packages/server/src/store/**/*.test.ts',
  'packages/server/src/vault/*-postgres.test.ts',
  'packages/server/test/store/**/*.test.ts',
]

const unit = ['packages/*/{src,test}/**/*.test.ts', 'tools/**/*.test.ts']
const conditions = ['quartermaster-source']
/** Processes that tests start find their scripts compiled: it halves what it costs to start one. */
const compiled = fileURLToPath(new URL('node_modules/.cache/compiled', import.meta.url))

/** No verdict: only a test that hangs meets it, however busy the machine is. */
const HANGS_MS = 600_000

export default defineConfig({
  test: {
    maxWorkers: '100%',
    // The scripts of package.json say where the JSON goes.
    reporters: process.env['CI'] ? ['default', 'json'] : ['default'],
    projects: [
      project('unit', { include: unit, exclude: [...stores, ...proofs], isolate: false }),
      project('store', { include: stores, isolate: false }),
      project('e2e', { include: ['test/**/*.test.ts'], exclude: proofs, isolate: false }),
      project('proofs', { include: proofs }),
    ],
  },
})

interface Files {
  readonly include: string[]
  readonly exclude?: string[]
  readonly isolate?: boolean
}

function project(name: string, files: Files) {
  return {
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    test: {
      name,
      testTimeout: HANGS_MS,
      hookTimeout: HANGS_MS,
      expect: { poll: { timeout: HANGS_MS } },
      env: { NODE_COMPILE_CACHE: compiled },
      ...files,
    },
  }
}
