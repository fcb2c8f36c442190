import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { conditions: ['quartermaster-source'] },
  ssr: { resolve: { conditions: ['quartermaster-source'] } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts', 'tools/**/*.test.ts'],
    testTimeout: 30_000,
    reporters: ['default'],
  },
})
