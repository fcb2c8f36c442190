/**
 * @module
 * Where pseudonym keys stand among the installation's facts: this, and the tenant's name.
 */
export const PSEUDONYM_KEY = 'pseudonym_key:'
