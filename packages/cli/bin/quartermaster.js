#!/usr/bin/env node
/**
 * @module
 * The command `quartermaster`. The published package runs `dist`. A clone runs the TypeScript sources, without a build, and
 * with the Node that the clone has installed when the machine's own is too old for them.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import * as nodeModule from 'node:module'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'

const sources = new URL('../src/main.ts', import.meta.url)
const ownNode = fileURLToPath(new URL('../../../node_modules/node/bin/node', import.meta.url))
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
const isNewEnough = major > 24 || (major === 24 && minor >= 15)

if (!isNewEnough && existsSync(sources) && existsSync(ownNode) && process.execPath !== ownNode) runWithOwnNode()
else if (!isNewEnough) {
  console.error(`Cannot start: quartermaster needs Node 24.15 or newer, this is ${process.version}.`)
  process.exitCode = 1
} else if (existsSync(sources)) {
  // The same as `node --conditions=quartermaster-source`, which a first line of a script cannot say.
  nodeModule.registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier, { ...context, conditions: [...context.conditions, 'quartermaster-source'] }),
  })
  await import(sources.href)
} else await import(new URL('../dist/main.js', import.meta.url).href)

function runWithOwnNode() {
  // A process group of its own: Ctrl-C in a terminal then reaches the child once, from here.
  const child = spawn(ownNode, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
    detached: true,
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.once('exit', (code, signal) => {
    // 128 plus the number of the signal is what shells answer for a command that a signal ended.
    process.exitCode = code ?? 128 + (constants.signals[signal ?? 'SIGTERM'] ?? 0)
  })
}
