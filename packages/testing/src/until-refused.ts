/**
 * @module
 * For tests only: waits until nobody listens on a loopback port any more.
 */
import { connect } from 'node:net'

/** Connects and hangs up until a connection is refused. */
export async function untilRefused(port: number): Promise<void> {
  for (;;) {
    const outcome = await new Promise<string>((resolve) => {
      const socket = connect({ port, host: '127.0.0.1' }, () => {
        socket.destroy()
        resolve('connected')
      })
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
      // Whoever knocks while the port closes is not answered at all, and TCP knocks again only after a second.
      socket.setTimeout(50, () => {
        socket.destroy()
        resolve('silence')
      })
    })
    if (outcome === 'ECONNREFUSED') return
  }
}
