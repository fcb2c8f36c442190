/**
 * @module
 * A PostgreSQL of a test's own, which it may stop, start and misconfigure. Starts through `tools/with-postgres.sh`.
 */
import { execFile, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

export interface PostgresCluster {
  readonly url: string
  /** Words of pg_ctl: `start`, `stop -m immediate`, `restart -o "-c fsync=off"`. Resolves when it is done. */
  ctl(...words: readonly string[]): Promise<void>
  remove(): Promise<void>
}

const script = new URL('../../../../tools/with-postgres.sh', import.meta.url).pathname
/** Says where the database is, then lives until standard input ends. */
const waiter = `
  const { QUARTERMASTER_TEST_DATABASE_URL: url, QUARTERMASTER_TEST_PG_CTL: ctl } = process.env
  console.log(JSON.stringify({ url, ctl }))
  process.stdin.resume()`

export async function startPostgres(): Promise<PostgresCluster> {
  const child = spawn(script, [process.execPath, '-e', waiter], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve)
    child.once('exit', (code) => reject(new Error(`PostgreSQL did not start: ${code}`)))
  })
  const { url, ctl } = JSON.parse(line) as { url: string; ctl: string }
  return {
    url,
    ctl: async (...words) => void (await promisify(execFile)(ctl, words)),
    remove() {
      child.stdin.end()
      return ended
    },
  }
}
