/**
 * @module
 * Who may see what: PII classes, what a role does with each of them, and the named policies.
 */
import { z } from 'zod'

/**
 * - `none`: says nothing about a person or the business's secrets (a stage name, a timestamp).
 * - `business`: confidential to the business (an amount, a job title).
 * - `identity`: names a person. `contact`: reaches a person. `sensitive`: never without an explicit grant.
 * - `free_text`: written by anybody, may hold anything. `linkable`: an id that can be followed back to a person.
 * - `unclassified`: a field that only this account has and of which no operator has said what it holds.
 */
export const piiClasses = [
  'none',
  'business',
  'identity',
  'contact',
  'sensitive',
  'free_text',
  'linkable',
  'unclassified',
] as const
export type PiiClass = (typeof piiClasses)[number]

/**
 * - `keep`: as it is. `mask`: a partial value that still tells two people apart by company (`j***@acme.com`).
 * - `scrub`: text without the e-mail addresses, phone and card numbers found in it. `strip`: absent.
 * - `pseudonym`: a token in place of the value, the same for the same value within a tenant, so that records can be
 *   joined and counted without knowing who they are about.
 */
export const piiActions = ['keep', 'mask', 'scrub', 'pseudonym', 'strip'] as const
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
    unclassified: 'keep',
  },
  mask: {
    none: 'keep',
    business: 'keep',
    identity: 'keep',
    contact: 'mask',
    sensitive: 'strip',
    free_text: 'scrub',
    linkable: 'keep',
    unclassified: 'strip',
  },
  pseudonym: {
    none: 'keep',
    business: 'keep',
    identity: 'pseudonym',
    contact: 'pseudonym',
    sensitive: 'strip',
    free_text: 'strip',
    linkable: 'pseudonym',
    unclassified: 'strip',
  },
  strip: {
    none: 'keep',
    business: 'keep',
    identity: 'strip',
    contact: 'strip',
    sensitive: 'strip',
    free_text: 'strip',
    linkable: 'keep',
    unclassified: 'strip',
  },
} as const satisfies Record<string, Policy>

export type PolicyName = keyof typeof policies
export const policyNames = Object.keys(policies) as [PolicyName, ...PolicyName[]]
export const policyName = z.enum(policyNames)

/** What each treatment still shows, as a subset of what is known of a value. Sets that do not nest do not compare. */
const shows: Record<PiiAction, readonly ('value' | 'part' | 'words' | 'sameness')[]> = {
  keep: ['value', 'part', 'words', 'sameness'],
  mask: ['part'],
  scrub: ['words'],
  pseudonym: ['sameness'],
  strip: [],
}

/** True when a value treated as `a` shows nothing that it would hide treated as `b`. */
export function treatmentAtLeastAsStrict(a: PiiAction, b: PiiAction): boolean {
  return shows[a].every((part) => shows[b].includes(part))
}

/** True when `a` shows nothing that `b` hides. */
export function atLeastAsStrict(a: Policy, b: Policy): boolean {
  return piiClasses.every((piiClass) => treatmentAtLeastAsStrict(a[piiClass], b[piiClass]))
}

/** The stricter of two treatments; what does not compare is stripped. */
export function strictest(a: PiiAction, b: PiiAction): PiiAction {
  if (treatmentAtLeastAsStrict(a, b)) return a
  return treatmentAtLeastAsStrict(b, a) ? b : 'strip'
}

/**
 * True when a role under this policy may filter, sort or group by a field of this class. Only what is shown as it is can
 * be asked about, because an answer to "is it X?" is a way of reading it: a mask falls letter by letter to a search, and
 * a scrubbed address is found by searching for it. A pseudonym can be asked about by a role that may resolve it, and
 * only by naming the pseudonym.
 */
export function mayFilterBy(
  policy: Policy,
  piiClass: PiiClass,
  grant: { readonly resolvesPseudonyms?: boolean } = {},
): boolean {
  const action = policy[piiClass]
  return action === 'keep' || (action === 'pseudonym' && grant.resolvesPseudonyms === true)
}
