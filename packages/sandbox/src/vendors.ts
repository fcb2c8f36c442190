/**
 * @module
 * The vendors that a sandbox has unless it is told otherwise.
 */
import { hubspot } from './hubspot/hubspot.ts'
import { salesforce } from './salesforce/salesforce.ts'
import type { Vendor } from './vendor.ts'

/** In the order in which they are listed. */
export const allVendors: readonly Vendor[] = [hubspot, salesforce]
