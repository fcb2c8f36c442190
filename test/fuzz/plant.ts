/**
 * @module
 * Faults that are planted into the process of a real server, for the positive control: they act on every request that
 * node's HTTP server takes up, before any code of ours sees it.
 */
import { subscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'

/** `leak`: 256 KiB are kept for every request. `crash`: the process dies of a request whose path says `constructor`. */
export type Plant = 'leak' | 'crash'

const kept: Buffer[] = []

export function plant(fault: Plant): void {
  subscribe('http.server.request.start', (message) => {
    const { request } = message as { readonly request: IncomingMessage }
    if (fault === 'leak') kept.push(Buffer.alloc(262_144, kept.length))
    else if (request.url?.includes('constructor')) process.kill(process.pid, 'SIGKILL')
  })
}
