/**
 * @module
 * For `node --import`, before anything else runs: the process lives at another time, and finds host names that do not
 * exist on ports of this machine. The product runs as it is; only its surroundings are those of another day.
 *
 * - `OLD_DATA_CLOCK_OFFSET_MS`: added to the clock of the machine.
 * - `OLD_DATA_HOSTS`: JSON, from host name to port on 127.0.0.1.
 */
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'

const offsetMs = Number(process.env['OLD_DATA_CLOCK_OFFSET_MS'] ?? 0)
const ports = JSON.parse(process.env['OLD_DATA_HOSTS'] ?? '{}') as Readonly<Record<string, number>>

const machineNow = Date.now
const now = () => machineNow() + offsetMs
const MachineDate = Date
globalThis.Date = new Proxy(MachineDate, {
  construct: (target, given, self) =>
    Reflect.construct(target, given.length === 0 ? [now()] : given, self === globalThis.Date ? target : self),
})
MachineDate.now = now

const connect = net.connect as (options: net.NetConnectOpts, listener?: () => void) => net.Socket
net.connect = ((options: net.NetConnectOpts, listener?: () => void) => {
  const port = 'host' in options ? ports[options.host ?? ''] : undefined
  return connect(port === undefined ? options : { ...options, host: '127.0.0.1', port }, listener)
}) as typeof net.connect
syncBuiltinESMExports()
