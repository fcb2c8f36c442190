/**
 * @module
 * Options of a testbed in which everything may be read: that takes more calls than the windows and our own limits allow, and
 * both have tests of their own.
 */
export const unlimited = {
  quotaShare: false,
  vendorLimit: 1_000_000,
  inbound: { ratePerS: 100_000, burst: 100_000 },
} as const
