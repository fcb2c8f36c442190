/**
 * @module
 * The demo company as neutral facts: people, organisations, deals, stages, colleagues. Vendors render it in their own
 * shapes. It is generated from a seed, so two runs see the same company.
 */

/** One tenant's demo company. */
export interface World {
  readonly tenant: string
  readonly colleagues: readonly Colleague[]
  readonly stages: readonly WorldStage[]
  readonly organisations: readonly Organisation[]
  readonly people: readonly Person[]
  readonly deals: readonly Deal[]
  readonly tickets: readonly Ticket[]
  readonly leads: readonly Lead[]
  readonly tasks: readonly Task[]
  readonly notes: readonly Note[]
}

/** Owners of records. `key` is stable and 1-based in each list; vendors derive their ids from it. */
export interface Colleague {
  readonly key: number
  readonly firstName: string
  readonly lastName: string
  readonly email: string
  readonly active: boolean
}

/** A stage of the one sales pipeline, in order of `key`. */
export interface WorldStage {
  readonly key: number
  readonly label: string
  /** 0 to 1. */
  readonly probability: number
  readonly closed: boolean
  readonly won: boolean
}

/** A customer or a prospect. */
export interface Organisation {
  readonly key: number
  readonly name: string
  readonly domain: string | null
  readonly industry: string | null
  readonly employees: number | null
  readonly annualRevenue: number | null
  readonly phone: string | null
  readonly city: string | null
  readonly state: string | null
  readonly country: string | null
  readonly street: string | null
  readonly postalCode: string | null
  readonly description: string | null
  readonly ownerKey: number
  readonly createdAt: string
  readonly updatedAt: string
}

/** Somebody at an organisation, or on their own. */
export interface Person {
  readonly key: number
  readonly firstName: string | null
  readonly lastName: string
  readonly email: string | null
  readonly otherEmails: readonly string[]
  readonly phone: string | null
  readonly mobile: string | null
  readonly title: string | null
  readonly organisationKey: number | null
  readonly ownerKey: number
  readonly city: string | null
  readonly state: string | null
  readonly country: string | null
  readonly street: string | null
  readonly postalCode: string | null
  readonly birthDate: string | null
  readonly leadSource: string | null
  /** Free text that colleagues wrote; holds personal data on purpose. */
  readonly notes: string | null
  /** A field only this tenant has. */
  readonly favouriteColour: string | null
  /** A field only this tenant has, with personal data in it. */
  readonly assistantEmail: string | null
  readonly createdAt: string
  readonly updatedAt: string
}

/** A sale that may come about. */
export interface Deal {
  readonly key: number
  readonly name: string
  readonly amount: number | null
  readonly stageKey: number
  readonly closeDate: string | null
  readonly organisationKey: number
  readonly personKeys: readonly number[]
  readonly ownerKey: number
  readonly nextStep: string | null
  readonly notes: string | null
  /** A field only this tenant has. */
  readonly renewalRisk: string | null
  readonly createdAt: string
  readonly updatedAt: string
}

/** What every activity has: whom it is about, who takes care of it, and when. */
interface Activity {
  readonly key: number
  readonly ownerKey: number
  readonly createdAt: string
  readonly updatedAt: string
}

/** Somebody's question to the support team. */
export interface Ticket extends Activity {
  readonly subject: string
  readonly body: string
  /** 1 new, 2 waiting for the customer, 3 waiting for us, 4 closed. */
  readonly step: number
  readonly priority: 'low' | 'medium' | 'high'
  readonly personKey: number
  readonly organisationKey: number | null
}

/** A person who may buy. */
export interface Lead extends Activity {
  readonly person: Person
  readonly company: string
  readonly rating: 'hot' | 'warm' | 'cold'
  /** Somebody has been in touch. */
  readonly working: boolean
  readonly personKey: number
  readonly organisationKey: number | null
}

/** Something to do about a deal. */
export interface Task extends Activity {
  readonly subject: string
  readonly dueDate: string
  readonly done: boolean
  readonly priority: 'low' | 'medium' | 'high'
  readonly dealKey: number
  readonly personKey: number | null
}

/** Something that was written about a person. */
export interface Note extends Activity {
  readonly title: string
  readonly body: string
  readonly personKey: number
  readonly organisationKey: number | null
}
