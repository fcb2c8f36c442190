/**
 * @module
 * The sObjects of a tenant's org. Most picklists offer what the tenant's own records use; a field that anybody writes
 * into has the values of its settings.
 */
import { colours } from '../../world/names.ts'
import type { World } from '../../world/world.ts'
import { caseStatus } from './case-status.ts'
import type { Schema } from './entity.ts'
import { account, contact, user } from './people.ts'
import { opportunity, opportunityContactRole, opportunityStage } from './selling.ts'
import { lead, note, supportCase, task } from './working.ts'

export function schemaOf(world: World): Schema {
  return {
    entities: [
      account(used(world.organisations, 'industry')),
      supportCase,
      caseStatus,
      contact(used(world.people, 'leadSource'), [...colours].sort()),
      lead,
      note,
      opportunity(
        world.stages.map((stage) => stage.label),
        used(world.deals, 'renewalRisk'),
      ),
      opportunityContactRole,
      opportunityStage,
      task,
      user,
    ],
  }
}

function used<Key extends string>(
  rows: readonly { readonly [key in Key]: string | null }[],
  key: Key,
): readonly string[] {
  return [...new Set(rows.map((row) => row[key]))].filter((value) => value !== null).sort()
}
