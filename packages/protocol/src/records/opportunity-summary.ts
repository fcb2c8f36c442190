/**
 * @module
 * Opportunity summary: one group of opportunities, counted and added up. It has the one field that it was grouped by;
 * that field has the class it has in an opportunity, so whoever may not read it may not group by it.
 */
import { z } from 'zod'
import { defineRecord, field, required } from './field.ts'

export const opportunitySummary = defineRecord('opportunity_summary', {
  stage_id: field('none', z.string()),
  pipeline_id: field('none', z.string()),
  owner_id: field('linkable', z.string()),
  /** `2026-11`. */
  close_month: field('business', z.string()),
  status: field('none', z.enum(['open', 'won', 'lost'])),
  count: required('none', z.number()),
  /** Over the opportunities that have an amount. */
  amount_sum: field('business', z.number()),
  amount_avg: field('business', z.number()),
  /** How many of `count` have an amount. It adds pages up and decides what a role is told; a caller never sees it. */
  amount_count: field('business', z.number()),
  /** True for the group into which groups that are too small to be shown were put. */
  is_other: field('none', z.boolean()),
})

/** What each field is made of, as a path in an opportunity: whoever may not read that may not read, or group by, this. */
export const opportunitySummarySources = {
  stage_id: 'stage.id',
  pipeline_id: 'pipeline.id',
  owner_id: 'owner.id',
  close_month: 'close_date',
  status: 'status',
  amount_sum: 'amount',
  amount_avg: 'amount',
  amount_count: 'amount',
} as const satisfies { readonly [field in keyof typeof opportunitySummary.fields]?: string }

export type OpportunitySummary = z.infer<typeof opportunitySummary.schema>
