/**
 * @module
 * The faked vendors in a process of their own, so that the memory that is measured is the server's. Says its address
 * on standard output; ends when standard input does.
 */
import { createSandbox, listen } from '@quartermaster/sandbox'

const tenants = ['acme', 'globex']
const sandbox = createSandbox({ tenants })
for (const tenant of tenants) {
  for (const system of ['hubspot', 'salesforce']) {
    const control = sandbox.control(tenant, system)
    // Quotas have tests of their own; here they would only refuse inputs unread.
    for (const name of Object.keys(control.windows())) control.setWindow(name, { limit: 100_000_000 })
    control.setTokens({ accessTokenTtlMs: 86_400_000 })
  }
}
const { url } = await listen(sandbox)
process.stdout.write(`${url}\n`)
process.stdin.resume()
process.stdin.once('end', () => process.exit(0))
