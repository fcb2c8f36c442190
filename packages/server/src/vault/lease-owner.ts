/**
 * @module
 * Who holds a lease: a process on a host. A lease whose process is known to be dead need not be waited out.
 */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'

/** `host:pid:start:random`. The start time tells a process from a later one that was given the same pid. */
export function newLeaseOwner(): string {
  return [hostname(), process.pid, startTime(process.pid) ?? '', randomBytes(6).toString('hex')].join(':')
}

/** True only when the owner certainly no longer runs: same host, and no such process or another one with its pid. */
export function isDead(owner: string): boolean {
  const [host, pidText, start] = owner.split(':')
  const pid = Number(pidText)
  if (host !== hostname() || !Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
  const running = startTime(pid)
  return running !== undefined && start !== '' && running !== start
}

/** Field 22 of /proc/<pid>/stat, where there is one (proc(5)). */
function startTime(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}
