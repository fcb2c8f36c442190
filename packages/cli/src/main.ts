#!/usr/bin/env node
/**
 * @module
 * The command `quartermaster`. Says plainly when this Node is too old, before anything that needs a newer one loads.
 */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 24 || (major === 24 && minor < 15)) {
  console.error(`Cannot start: quartermaster needs Node 24.15 or newer, this is ${process.version}.`)
  process.exit(1)
}
await import('./without-proto.ts')
const [{ program }, { reportFailure }] = await Promise.all([import('./program.ts'), import('./report-failure.ts')])
await program().parseAsync().catch(reportFailure)
