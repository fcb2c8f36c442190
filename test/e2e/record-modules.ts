/**
 * @module
 * Preloaded with `--import`: writes the URL of every module that the process has loaded into the file that
 * LOADED_MODULES names, one a line, when the process ends.
 */
import { writeFileSync } from 'node:fs'
import { registerHooks } from 'node:module'

const file = process.env['LOADED_MODULES']
const urls: string[] = []
registerHooks({
  load(url, context, next) {
    urls.push(url)
    return next(url, context)
  },
})
process.on('exit', () => {
  if (file !== undefined) writeFileSync(file, urls.join('\n'))
})
