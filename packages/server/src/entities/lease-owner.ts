/**
 * @module
 * Who holds a lease: a process on a host. A lease whose process is known to be dead need not be waited out.
 */
import { randomBytes } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** `host:pid:start:random`. The start time tells a process from a later one that was given the same pid. */
export function newLeaseOwner(): string {
  return [thisHost(), process.pid, startTime(process.pid) ?? '', randomBytes(6).toString('hex')].join(':')
}

/**
 * Where process ids mean the same as here. The name alone is not enough: containers and cloned machines share names, so
 * on Linux this boot of the kernel and the pid namespace belong to it (random(4), pid_namespaces(7)).
 */
export function thisHost(): string {
  const boot = readText('/proc/sys/kernel/random/boot_id')?.trim()
  const namespace = /\d+/.exec(readLink('/proc/self/ns/pid') ?? '')?.[0]
  return [hostname().replaceAll(':', '_'), boot, namespace].filter((part) => part !== undefined).join('/')
}

/** True when the owner is, or was, a process that can be looked at from here. */
export function isLocal(owner: string): boolean {
  return owner.split(':')[0] === thisHost()
}

/** True only when the owner certainly no longer runs: same host, and no such process or another one with its pid. */
export function isDead(owner: string): boolean {
  const [, pidText, start] = owner.split(':')
  const pid = Number(pidText)
  if (!isLocal(owner) || !Number.isInteger(pid) || pid <= 0) return false
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
  const text = readText(`/proc/${pid}/stat`)
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')[19]
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}
