/**
 * @module
 * What the demo prints: numbered chapters, plain lines, checked facts. Every line stands for itself, so that a log reads
 * like a terminal; only a countdown is for terminals alone.
 */
import pc from 'picocolors'

/** As much of a stream as the output needs. */
export interface Terminal {
  readonly isTTY?: boolean
  write(text: string): unknown
}

export interface DemoOutput {
  /** What comes next, and in plain words why it matters. */
  chapter(title: string, why: string): void
  line(text: string): void
  /** A fact that was counted or compared, not assumed. */
  fact(text: string): void
  block(text: string): void
  /** Shows the seconds until `untilMs` (epoch) on a terminal; nothing elsewhere. */
  countdown(untilMs: number): void
}

/** ANSI: to the start of the line, erase it. */
const CLEAR_LINE = '\r\u001b[K'

export function demoOutput(out: Terminal): DemoOutput {
  let chapters = 0
  let counting = false
  const write = (text: string) => out.write(`${counting ? CLEAR_LINE : ''}${text}\n`)
  return {
    chapter(title, why) {
      chapters += 1
      write(`\n${pc.bold(pc.cyan(`${chapters}  ${title}`))}`)
      for (const line of wrap(why, 100)) write(`   ${pc.dim(line)}`)
    },
    line: (text) => write(`   ${text}`),
    fact: (text) => write(`   ${pc.green('✓')} ${text}`),
    block: (text) => write(text.replace(/^(?=.)/gm, '   ')),
    countdown(untilMs) {
      if (!out.isTTY) return
      const show = () => {
        const left = Math.ceil((untilMs - Date.now()) / 1000)
        counting = left > 0
        out.write(counting ? `\r   ${pc.dim(`${left} s …`)} ` : CLEAR_LINE)
        if (!counting) clearInterval(timer)
      }
      const timer = setInterval(show, 500)
      timer.unref()
      show()
    },
  }
}

function wrap(text: string, width: number): string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? ''
    if (line !== '' && line.length + word.length >= width) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines
}
