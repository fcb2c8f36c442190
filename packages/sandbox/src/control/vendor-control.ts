/**
 * @module
 * The control API of one vendor of one tenant, in process. The HTTP control API offers the same and nothing more.
 */
import type { Authority } from '../authority/authority.ts'
import type { TokenSettings } from '../authority/token-store.ts'
import type { RawRecord, Vendor, VendorData } from '../vendor.ts'
import type { IssuedTokens } from '../vendor-oauth.ts'
import type { Counters, Counting } from './counters.ts'
import type { Fault, FaultPlan } from './fault-plan.ts'
import type { RollingWindows, WindowSize } from './rolling-windows.ts'

/** What a test may do to a vendor. It takes effect with the next request. */
export interface VendorControl {
  arm(fault: Fault): void
  clearFaults(): void
  /** What is still armed; `times` is what is left. */
  faults(): readonly Fault[]
  /** Every access token that is out there expires now; refresh tokens live on. */
  expireAccessTokens(): void
  /** Every grant is withdrawn, as when the customer removes the app: access and refresh tokens are dead. */
  revokeGrants(): void
  tokenSettings(): Readonly<TokenSettings>
  setTokens(settings: Partial<TokenSettings>): void
  windows(): { readonly [name: string]: WindowSize }
  /** False when the vendor has no window of that name. */
  setWindow(name: string, size: Partial<WindowSize>): boolean
  /** Frees all that was taken from the quota windows. */
  clearWindows(): void
  counters(): Counters
  resetCounters(): void
  /** `undefined` when the vendor has no such type of record. */
  records(type: string): readonly RawRecord[] | undefined
  record(type: string, id: string): RawRecord | undefined
  /** A grant without the browser. `scope` as in an authorization request. */
  signIn(request?: SignIn): IssuedTokens
}

/** What to grant; by default the least, to the default client. */
export interface SignIn {
  readonly scope?: string
  readonly clientId?: string
}

/** What the controls work on: a vendor at work for one tenant, with the machinery around it. */
export interface ControlledVendor {
  readonly vendor: Vendor
  readonly data: VendorData
  readonly authority: Authority
  readonly counting: Counting
  readonly faults: FaultPlan
  readonly windows: RollingWindows
}

export function controlOf({ vendor, data, authority, counting, faults, windows }: ControlledVendor): VendorControl {
  return {
    arm: faults.arm,
    clearFaults: faults.clear,
    faults: faults.pending,
    expireAccessTokens: authority.tokens.expireAccessTokens,
    revokeGrants: authority.tokens.revokeAll,
    tokenSettings: () => ({ ...authority.settings }),
    setTokens: (settings) => void Object.assign(authority.settings, settings),
    windows: windows.sizes,
    setWindow: windows.set,
    clearWindows: windows.clear,
    counters: counting.read,
    resetCounters: counting.reset,
    records: (type) => vendor.records(data, type),
    record: (type, id) => vendor.records(data, type)?.find((record) => record.id === id),
    signIn({ scope = '', clientId = 'sandbox-client' } = {}) {
      const scopes = vendor.oauth.grantedScopes(new URLSearchParams({ scope }))
      return authority.tokens.issue({ grantType: 'authorization_code', clientId, scopes, refreshable: true })
    },
  }
}
