/**
 * @module
 * Who a vendor says has connected.
 */

/** The vendor's ids for the tenant as a customer and for the person who consents. */
export interface VendorAccount {
  /** Portal or organisation id. */
  readonly accountId: string
  readonly userId: string
  readonly userName: string
  readonly domain: string
}
