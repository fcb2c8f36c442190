/**
 * @module
 * Where a tenant wants to be told about its accounts. The signing secret is stored sealed.
 */
import type { Kysely, Selectable } from 'kysely'
import type { Tables, WebhookEndpointTable } from './schema.ts'

export interface WebhookEndpoint {
  /** `whe_` and 16 base62 characters. */
  readonly id: string
  readonly tenant: string
  readonly url: string
  /** Epoch milliseconds. */
  readonly createdAt: number
  /** When it answered that it is gone (410). */
  readonly disabledAt: number | undefined
}

export interface SealedSecret {
  readonly kid: number
  readonly sealed: Uint8Array
}

export interface WebhookEndpointStore {
  insert(endpoint: WebhookEndpoint, secret: SealedSecret): Promise<void>
  find(id: string): Promise<(WebhookEndpoint & { readonly secret: SealedSecret }) | undefined>
  list(tenant: string | undefined): Promise<readonly WebhookEndpoint[]>
  /** Nothing more is sent there; what is still to be sent is dropped. */
  disable(id: string, at: number): Promise<void>
  remove(id: string): Promise<void>
}

export function webhookEndpointStore(db: Kysely<Tables>): WebhookEndpointStore {
  return {
    async insert(endpoint, secret) {
      await db
        .insertInto('webhook_endpoint')
        .values({
          id: endpoint.id,
          tenant: endpoint.tenant,
          url: endpoint.url,
          kid: secret.kid,
          sealed: Buffer.from(secret.sealed).toString('base64url'),
          created_at: endpoint.createdAt,
          disabled_at: null,
        })
        .execute()
    },
    async find(id) {
      const row = await db.selectFrom('webhook_endpoint').selectAll().where('id', '=', id).executeTakeFirst()
      return row && { ...toEndpoint(row), secret: { kid: row.kid, sealed: Buffer.from(row.sealed, 'base64url') } }
    },
    async list(tenant) {
      const all = db.selectFrom('webhook_endpoint').selectAll().orderBy('created_at').orderBy('id')
      const rows = await (tenant === undefined ? all : all.where('tenant', '=', tenant)).execute()
      return rows.map(toEndpoint)
    },
    async disable(id, at) {
      await db.transaction().execute(async (tx) => {
        await tx.updateTable('webhook_endpoint').set({ disabled_at: at }).where('id', '=', id).execute()
        await tx
          .updateTable('webhook_delivery')
          .set({ done_at: at, outcome: 'disabled', lease_owner: null, lease_until: 0 })
          .where('endpoint_id', '=', id)
          .where('done_at', 'is', null)
          .execute()
      })
    },
    async remove(id) {
      await db.transaction().execute(async (tx) => {
        await tx.deleteFrom('webhook_delivery').where('endpoint_id', '=', id).execute()
        await tx.deleteFrom('webhook_endpoint').where('id', '=', id).execute()
      })
    },
  }
}

function toEndpoint(row: Selectable<WebhookEndpointTable>): WebhookEndpoint {
  return {
    id: row.id,
    tenant: row.tenant,
    url: row.url,
    createdAt: row.created_at,
    disabledAt: row.disabled_at ?? undefined,
  }
}
