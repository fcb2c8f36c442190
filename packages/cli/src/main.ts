/**
 * @module
 * Runs the command line. `bin/quartermaster.js` has checked the version of Node before this loads.
 */
import './without-proto.ts'
import { program } from './program.ts'
import { reportFailure } from './report-failure.ts'

const all = await program(process.argv.slice(2))
await all.parseAsync().catch(reportFailure)
