/**
 * @module
 * The shell blocks of the documentation work as they stand. They are taken from the pages, not copied here.
 */
import { afterAll, describe, expect, it } from 'vitest'
import { pages, shellBlocks } from './markdown.ts'
import { openTerminal } from './run-blocks.ts'

for (const page of pages.filter((each) => shellBlocks(each).some(({ notRun }) => notRun === undefined))) {
  describe(page, () => {
    const terminal = openTerminal()
    afterAll(() => terminal.close())
    for (const block of shellBlocks(page).filter(({ notRun }) => notRun === undefined)) {
      it(`runs the block of line ${block.line}`, () => terminal.run(block))
    }
  })
}

it('runs more blocks than it leaves out, and every block left out says why', () => {
  const blocks = pages.flatMap(shellBlocks)
  const left = blocks.filter(({ notRun }) => notRun !== undefined)
  for (const { notRun = '' } of left) expect(notRun).toMatch(/^(needs|run by) \S/)
  expect(blocks.length - left.length).toBeGreaterThan(left.length)
})
