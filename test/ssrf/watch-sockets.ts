/**
 * @module
 * Sees every connection that this process begins, at the socket: wraps `connect` of `net.Socket`, which http, https and
 * every client library end in. Counts what listeners on this machine accept. Lets no packet leave the machine.
 */
import type { LookupAddress } from 'node:dns'
import { type AddressInfo, createServer, isIP, type LookupFunction, Socket } from 'node:net'
import { networkInterfaces } from 'node:os'

export interface Attempt {
  readonly address: string
  readonly port: number
}

export interface SocketWatch {
  /** A port of this machine, on every address of it. */
  readonly port: number
  /** Every address that was handed to a socket to connect to. */
  readonly attempts: Attempt[]
  /** How many connections the listener has accepted. */
  readonly accepted: () => number
  /** Resolves when what the kernel has accepted is counted. */
  settled(): Promise<void>
  /** Forgets what was seen. */
  reset(): Promise<void>
  close(): Promise<void>
}

interface ConnectOptions {
  host?: string
  port?: number | string
  lookup?: LookupFunction
}

export async function watchSockets(): Promise<SocketWatch> {
  const own = new Set(Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address)))
  const isHere = (address: string) =>
    /^(127\.|0\.0\.0\.0$|::1?$|::ffff:(127\.|7f|0:0$|0\.0\.0\.0))/i.test(address) || own.has(address)

  let accepted = 0
  const open = new Set<Socket>()
  const listener = createServer((socket) => {
    accepted += 1
    open.add(socket)
    socket.on('error', () => {}).on('close', () => open.delete(socket))
    socket.destroy()
  })
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject)
    listener.listen(0, '::', resolve)
  })
  const { port } = listener.address() as AddressInfo

  const attempts: Attempt[] = []
  const original = Socket.prototype.connect
  const note = (options: ConnectOptions, address: string): boolean => {
    attempts.push({ address, port: Number(options.port) })
    return isHere(address)
  }
  const unreachable = () => Object.assign(new Error('Not let out of the machine'), { code: 'ENETUNREACH' })
  Socket.prototype.connect = function (this: Socket, ...args: unknown[]) {
    // net.connect() hands on its arguments as one list.
    const [first] = Array.isArray(args[0]) ? (args[0] as unknown[]) : args
    const options = first as ConnectOptions
    if (typeof options === 'object' && options !== null && typeof options.host === 'string') {
      const { host, lookup } = options
      if (isIP(host) !== 0) {
        if (!note(options, host)) {
          process.nextTick(() => this.destroy(unreachable()))
          return this
        }
      } else if (lookup) {
        options.lookup = (hostname, how, callback) =>
          lookup(hostname, how, (error, found, family) => {
            if (error) return callback(error, found as string, family)
            const all: LookupAddress[] =
              typeof found === 'string' ? [{ address: found, family: family ?? isIP(found) }] : found
            const here = all.filter(({ address }) => note(options, address))
            const [one] = here
            if (!one) return callback(unreachable(), '', 0)
            return typeof found === 'string' ? callback(null, one.address, one.family) : callback(null, here)
          })
      }
    }
    return original.apply(this, args as never)
  } as typeof original

  const settled = async () => {
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  }
  return {
    port,
    attempts,
    accepted: () => accepted,
    settled,
    async reset() {
      await settled()
      attempts.length = 0
      accepted = 0
    },
    async close() {
      Socket.prototype.connect = original
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => listener.close(resolve))
    },
  }
}
