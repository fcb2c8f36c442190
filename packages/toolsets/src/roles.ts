/**
 * @module
 * Three roles to start from. Each is a choice of tools by patterns over their names, never a system, so it fits every
 * connected system with such records. What a model pays for it on every turn is a promise that the server keeps: an account's custom fields are
 * added to the tools only as far as the budget goes. What a role writes is a list of fields, on which nobody is renamed,
 * handed to another owner or given another address; `writable()` replaces it.
 */
import { toolset } from './toolset.ts'

const work = ['list', 'get', 'search', 'create', 'update'] as const

export const roles = {
  /** Finds, reads and updates its customers and deals, and logs what is said and to be done. Deletes nothing. */
  sales: toolset('sales')
    .methods(...work)
    .only(
      'search_*_contacts',
      'get_single_*_contact_by_id',
      'update_*_contact_by_id',
      'search_*_accounts',
      'get_single_*_account_by_id',
      'update_*_account_by_id',
      'search_*_opportunities',
      'get_single_*_opportunity_by_id',
      'update_*_opportunity_by_id',
      'create_*_note',
      'create_*_task',
    )
    .writable(
      ...['stage_id', 'pipeline_id', 'amount', 'close_date', 'type', 'next_step', 'description'].map(
        (field) => `opportunity.${field}`,
      ),
      ...['title', 'department', 'phone', 'mobile_phone', 'lifecycle_stage', 'description'].map(
        (field) => `contact.${field}`,
      ),
      ...['industry', 'type', 'description', 'employee_count', 'annual_revenue', 'phone'].map(
        (field) => `account.${field}`,
      ),
      'note.*',
      'task.*',
      '*.custom_*',
    )
    .pii('full')
    .maxTokens(1600, { over: 'trim' }),

  /** Works tickets. Knows the customer, but reaches a person only through the system: addresses and numbers are masked. */
  support: toolset('support')
    .methods(...work)
    .only(
      'search_*_tickets',
      'get_single_*_ticket_by_id',
      'create_*_ticket',
      'update_*_ticket_by_id',
      'list_all_*_ticket_stages',
      'search_*_contacts',
      'get_single_*_contact_by_id',
      'get_single_*_account_by_id',
      'search_*_notes',
      'create_*_note',
    )
    .writable(
      ...['subject', 'description', 'stage_id', 'priority', 'type', 'origin', 'contact_id', 'account_id'].map(
        (field) => `ticket.${field}`,
      ),
      'note.*',
      '*.custom_*',
    )
    .pii('mask')
    .maxTokens(1400, { over: 'trim' }),

  /** Counts and sums. Reads deals, pipelines and stages; nothing in an answer names or reaches a person. */
  analytics: toolset('analytics')
    .methods('read')
    .only(
      'summarize_*_opportunities',
      'search_*_opportunities',
      'list_all_*_opportunities',
      'get_single_*_opportunity_by_id',
      'list_all_*_pipelines',
      'list_all_*_stages',
    )
    .without('list_all_*_ticket_stages')
    .pii('strip')
    .maxTokens(900, { over: 'trim' }),
} as const
