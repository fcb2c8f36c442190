/**
 * @module
 * The vendors, faked faithfully, as fetch handlers.
 */
export type { RegisteredClient } from './authority/client-registry.ts'
export type { TokenSettings } from './authority/token-store.ts'
export type { Counters } from './control/counters.ts'
export type { Fault, FaultKind } from './control/fault-plan.ts'
export { ResponseDropped } from './control/play-faults.ts'
export type { WindowSize } from './control/rolling-windows.ts'
export type { SignIn, VendorControl } from './control/vendor-control.ts'
export { type Listening, listen } from './listen.ts'
export { createSandbox, type Sandbox, type SandboxOptions } from './sandbox.ts'
export type { RawRecord, Refusal, Vendor, VendorAccount, VendorContext, VendorEnv } from './vendor.ts'
export type { IssuedTokens, VendorOAuth } from './vendor-oauth.ts'
export type { Colleague, Deal, Organisation, Person, World, WorldStage } from './world/world.ts'
