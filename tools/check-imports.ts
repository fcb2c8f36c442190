/**
 * @module
 * Holds the source to the tables of ARCHITECTURE.md: which package may import which, which way imports point inside the
 * server, no cycles of files or folders, and what `boundaries/check-text.ts` says of every file. Imports of types count.
 * Prints every fault and exits with 1 when there is one.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { findFaults } from './boundaries/find-faults.ts'
import { readTables } from './boundaries/read-tables.ts'

const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts'], {
  encoding: 'utf8',
})
const files = new Map(
  listed
    .split('\n')
    // Deleted in the work tree, a file is still in the index.
    .filter((file) => file !== '' && existsSync(file))
    .map((file) => [file, readFileSync(file, 'utf8')]),
)
const faults = findFaults(files, readTables(readFileSync('ARCHITECTURE.md', 'utf8')))

if (faults.length > 0) {
  console.error(faults.join('\n'))
  console.error(`\n${faults.length} faults`)
  process.exit(1)
}
console.log(`boundaries: ${files.size} files, no faults`)
