import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { conditions: ['quartermaster-source'] },
  ssr: { resolve: { conditions: ['quartermaster-source'] } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'packages/*/test/**/*.test.ts', 'test/**/*.test.ts', 'tools/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: process.env['CI']
      ? ['default', ['json', { outputFile: 'node_modules/.cache/tests.json' }]]
      : ['default'],
  },
})
