/**
 * @module
 * Sends one notification once, signed as Standard Webhooks says (webhook-id, webhook-timestamp, webhook-signature), and
 * says what is to become of it.
 */
import { Webhook } from 'standardwebhooks'
import { type Upstream, UpstreamFault } from '../outbound/upstream.ts'

export interface Notification {
  /** The same at every attempt, so that a receiver can tell a repetition. */
  readonly eventId: string
  readonly url: string
  readonly secret: string
  readonly payload: string
  /** Epoch milliseconds of this attempt. */
  readonly at: number
}

/** `gone` when the endpoint answered 410: it takes no more events. */
export type DeliveryOutcome = 'delivered' | 'failed' | 'gone'

/** Standard Webhooks recommends 15 to 30 s. */
const TIMEOUT_MS = 15_000

/** Never throws for what the receiver does. A redirect is a failure: it could lead anywhere. */
export async function deliver(upstream: Upstream, notification: Notification): Promise<DeliveryOutcome> {
  const { eventId, url, secret, payload, at } = notification
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'quartermaster',
    'webhook-id': eventId,
    'webhook-timestamp': String(Math.floor(at / 1_000)),
    'webhook-signature': new Webhook(secret).sign(eventId, new Date(at), payload),
  }
  try {
    const { status } = await upstream.send({ method: 'POST', url, headers, body: payload }, { timeoutMs: TIMEOUT_MS })
    if (status === 410) return 'gone'
    return status >= 200 && status < 300 ? 'delivered' : 'failed'
  } catch (error) {
    if (error instanceof UpstreamFault) return 'failed'
    throw error
  }
}
