/**
 * @module
 * How far a long command is, on standard error when that is a terminal, and nothing otherwise.
 */
export interface Progress {
  add(rows: number): void
  end(): void
}

const EVERY_MS = 200

export function progress(word: string, stream: NodeJS.WriteStream = process.stderr): Progress {
  let rows = 0
  let shownAt = performance.now()
  const show = () => stream.write(`\r${rows.toLocaleString('en')} rows ${word}`)
  return {
    add(more) {
      rows += more
      if (!stream.isTTY || performance.now() - shownAt < EVERY_MS) return
      shownAt = performance.now()
      show()
    },
    end() {
      if (!stream.isTTY) return
      show()
      stream.write('\n')
    },
  }
}
