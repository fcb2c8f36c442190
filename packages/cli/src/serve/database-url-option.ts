/**
 * @module
 * The option that names a PostgreSQL database. It may come from the environment, where other users of the machine do
 * not see the password in the list of processes.
 */
import { Option } from 'commander'

export function databaseUrlOption(description: string, flag = '--database-url <postgres://…>'): Option {
  return new Option(flag, description).env('QUARTERMASTER_DATABASE_URL')
}
