/**
 * @module
 * Latencies as a picture for a terminal: one bar a tool, up to the 95th percentile, with marks at the median and the limit.
 */
import pc from 'picocolors'
import type { ToolLatency } from './measure.ts'

const WIDTH = 32

/** One line a tool; the bar ends at p95, `┃` marks p50, `│` the limit. */
export function showLatency(measured: readonly ToolLatency[], slaMs: number): string {
  const widest = Math.max(slaMs, ...measured.map(({ p95 }) => p95))
  const at = (ms: number) => Math.min(WIDTH - 1, Math.floor((ms / widest) * (WIDTH - 1)))
  const names = Math.max(4, ...measured.map(({ tool }) => tool.length))
  const head = `${'tool'.padEnd(names)}  ${'calls'.padStart(5)}${'p50'.padStart(9)}${'p95'.padStart(9)}${'p99'.padStart(9)}`
  const lines = measured.map(({ tool, calls, p50, p95, p99, failed }) => {
    const cells: string[] = Array.from({ length: WIDTH }, (_, cell) => (cell <= at(p95) ? '█' : ' '))
    cells[at(slaMs)] = '│'
    cells[at(p50)] = '┃'
    const figures = [p50, p95, p99].map((ms) => `${Math.round(ms)} ms`.padStart(9)).join('')
    const over = p95 > slaMs
    const bar = over ? pc.red(cells.join('')) : pc.green(cells.join(''))
    const note = failed === undefined ? '' : `  ${pc.yellow(`stopped: ${failed}`)}`
    return `${tool.padEnd(names)}  ${String(calls).padStart(5)}${figures}  ${bar}${note}`
  })
  const slow = measured.filter(({ p95 }) => p95 > slaMs).map(({ tool }) => tool)
  const verdict =
    slow.length === 0
      ? `${pc.green('✓')} every p95 is within ${slaMs} ms`
      : `${pc.red('✗')} p95 above ${slaMs} ms: ${slow.join(', ')}`
  return [pc.bold(head), ...lines, '', pc.dim(`█ up to p95   ┃ p50   │ ${slaMs} ms`), verdict].join('\n')
}
