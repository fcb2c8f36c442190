/**
 * @module
 * What a property of a record is worth, set or calculated. Everything is text or null, as on the wire.
 */
import type { ObjectType } from './object-type.ts'
import type { HubRecord, HubStore, PipelineStage } from './store.ts'

/** Null when the record has no such value. */
export function readValue(store: HubStore, type: ObjectType, record: HubRecord, name: string): string | null {
  switch (name) {
    case 'hs_object_id':
      return record.id
    case type.created:
      return new Date(record.createdAt).toISOString()
    case type.modified:
      return new Date(record.updatedAt).toISOString()
    case 'associatedcompanyid':
      return primaryCompany(store, type, record)
    case 'hs_is_closed':
      return stageOf(store, record)?.metadata['isClosed'] ?? null
    case 'hs_is_closed_won':
      return type.name === 'deals' ? String(stageOf(store, record)?.metadata['probability'] === '1.0') : null
    case 'hs_deal_stage_probability':
      return stageOf(store, record)?.metadata['probability'] ?? null
    case 'closed_date':
      return closedAt(store, record)
    // Every deal is in the company's own currency here.
    case 'amount_in_home_currency':
      return record.values.get('amount') ?? null
    case 'hs_calculated_phone_number':
      return record.values.get('phone')?.replace(/[^+\d]/g, '') ?? null
    default:
      return record.values.get(name) ?? null
  }
}

function primaryCompany(store: HubStore, type: ObjectType, { id }: HubRecord): string | null {
  const companies = store.associations.linked({ type: type.name, id }, 'companies')
  return companies.find(({ primary }) => primary)?.id ?? null
}

/** Not stored: the stage says whether, and the last change stands for when. */
function closedAt(store: HubStore, record: HubRecord): string | null {
  const closed = stageOf(store, record)?.metadata['isClosed'] === 'true'
  return closed ? new Date(record.updatedAt).toISOString() : null
}

function stageOf(store: HubStore, { values }: HubRecord): PipelineStage | undefined {
  const stage = values.get('dealstage') ?? values.get('hs_pipeline_stage')
  return store.pipelines.flatMap((pipeline) => pipeline.stages).find(({ id }) => id === stage)
}
