/**
 * @module
 * Who may see what: PII classes, what a role does with each of them, and the three named policies.
 */
import { z } from 'zod'

/**
 * - `none`: says nothing about a person or the business's secrets (a stage name, a timestamp).
 * - `business`: confidential to the business (an amount, a job title).
 * - `identity`: names a person. `contact`: reaches a person. `sensitive`: never without an explicit grant.
 * - `free_text`: written by anybody, may hold anything. `linkable`: an id that can be followed back to a person.
 */
export const piiClasses = ['none', 'business', 'identity', 'contact', 'sensitive', 'free_text', 'linkable'] as const
export type PiiClass = (typeof piiClasses)[number]

/**
 * - `keep`: as it is. `mask`: a partial value that still tells two people apart by company (`j***@acme.com`).
 * - `scrub`: text without the e-mail addresses, phone and card numbers found in it. `strip`: absent.
 */
export const piiActions = ['keep', 'mask', 'scrub', 'strip'] as const
export type PiiAction = (typeof piiActions)[number]

export type Policy = { readonly [C in PiiClass]: PiiAction }

/** The policies a URL can name. A role that reads no personal data uses `strip`. */
export const policies = {
  full: {
    none: 'keep',
    business: 'keep',
    identity: 'keep',
    contact: 'keep',
    sensitive: 'keep',
    free_text: 'keep',
    linkable: 'keep',
  },
  mask: {
    none: 'keep',
    business: 'keep',
    identity: 'keep',
    contact: 'mask',
    sensitive: 'strip',
    free_text: 'scrub',
    linkable: 'keep',
  },
  strip: {
    none: 'keep',
    business: 'keep',
    identity: 'strip',
    contact: 'strip',
    sensitive: 'strip',
    free_text: 'strip',
    linkable: 'keep',
  },
} as const satisfies Record<string, Policy>

export type PolicyName = keyof typeof policies
export const policyName = z.enum(['full', 'mask', 'strip'])

const strictness: Record<PiiAction, number> = { keep: 0, mask: 1, scrub: 1, strip: 2 }

/** True when `a` shows nothing that `b` hides. */
export function atLeastAsStrict(a: Policy, b: Policy): boolean {
  return piiClasses.every((piiClass) => strictness[a[piiClass]] >= strictness[b[piiClass]])
}

/**
 * True when a role under this policy may filter by a field of this class. What is stripped can be neither read nor
 * asked about, because an answer to "is it X?" is a way of reading it.
 */
export function mayFilterBy(policy: Policy, piiClass: PiiClass): boolean {
  return policy[piiClass] !== 'strip'
}
