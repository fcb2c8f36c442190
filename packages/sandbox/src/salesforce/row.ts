/**
 * @module
 * A record of one sObject as the store keeps it.
 */

/** What a field holds. An address is shown as one object made of its parts. */
export type Value = string | number | boolean | null | AddressValue

export interface AddressValue {
  readonly [part: string]: string | null
}

/** A record: a value for every field of its sObject. Never changed in place, so that a snapshot stays one. */
export type Row = Readonly<Record<string, Value>>
