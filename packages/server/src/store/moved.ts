/**
 * @module
 * The name of the note that a data directory carries once its data lives in another database.
 */
export const MOVED_TO = 'moved_to'
