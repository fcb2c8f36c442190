/**
 * @module
 * What this crew may do, and no more: a toolset of its own with fewer tools than a role, and cheaper for its models.
 */
import { toolset } from '@quartermaster/toolsets'

export const salesDesk = toolset('sales-desk')
  .methods('list', 'get', 'create', 'update')
  .only(
    'list_all_*_opportunities',
    'get_single_*_contact_by_id',
    'get_single_*_account_by_id',
    'update_*_opportunity_by_id',
    'create_*_contact',
  )
  .writable(
    'opportunity.next_step',
    ...['first_name', 'last_name', 'email', 'company'].map((field) => `contact.${field}`),
  )
  .pii('full')
