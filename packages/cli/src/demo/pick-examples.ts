/**
 * @module
 * Finds a contact and a deal that have something in every field that the demo shows.
 */
import type { VendorControl } from '@quartermaster/sandbox'

export interface Examples {
  readonly contact: string
  readonly deal: string
}

/** What the fields must look like to be worth showing. */
const contactFields = {
  date_of_birth: /./,
  email: /./,
  phone: /./,
  firstname: /^[\x20-\x7e]+$/,
  background_notes: /^Spoke to/,
}
const dealFields = {
  amount: /./,
  hs_is_closed: /^false$/,
  hs_next_step: /^Call/,
  description: /^Decision by (?!the board)/,
}

/** @throws Error when there is no such contact or deal. */
export function pickExamples(control: VendorControl): Examples {
  return { contact: first(control, 'contacts', contactFields), deal: first(control, 'deals', dealFields) }
}

function first(control: VendorControl, type: string, fields: Readonly<Record<string, RegExp>>): string {
  const found = control
    .records(type)
    ?.find(({ values }) => Object.entries(fields).every(([name, shape]) => shape.test(String(values[name] ?? ''))))
  if (!found) throw new Error(`Cannot show an example: none of the ${type} has all the fields`)
  return found.id
}
