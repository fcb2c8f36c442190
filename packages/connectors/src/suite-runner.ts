/**
 * @module
 * What the connector suite needs of a test runner; vitest, jest and node:test with an `expect` all have it.
 */

/** The parts of a test runner that the suite uses. */
export interface SuiteRunner {
  describe(name: string, body: () => void): void
  test(name: string, body: () => void | Promise<void>): void
  expect(actual: unknown, message?: string): Expectation
}

export interface Expectation {
  toEqual(expected: unknown): void
  toMatch(expected: string | RegExp): void
}
