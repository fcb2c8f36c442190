/**
 * @module
 * What happens at a gate, for people and programs that watch. Names and numbers only.
 */

/** `bucket` is the quota's name; it is empty for the account as a whole. */
export type GateEvent =
  | { readonly type: 'held'; readonly account: string; readonly bucket: string; readonly ms: number }
  /** The hold is over and one request goes ahead of all others. */
  | { readonly type: 'probing'; readonly account: string; readonly bucket: string }
  | { readonly type: 'open'; readonly account: string; readonly bucket: string }
  /** The shared store does not work: the gate goes on with what this process knows. */
  | { readonly type: 'store_failed'; readonly account: string; readonly bucket: string; readonly message: string }
  | { readonly type: 'store_back'; readonly account: string; readonly bucket: string }
