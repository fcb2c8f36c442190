/** @module A snippet of docs/agents.md. */
import { adminClient, roles } from '@quartermaster/toolsets'

const { QUARTERMASTER_URL: baseUrl = '', QUARTERMASTER_ADMIN_TOKEN: token = '', ACCOUNT: account = '' } = process.env
const admin = adminClient({ baseUrl, token })
const { url } = await roles.support.issue(admin, { account, expiresInS: 3600 })
console.log(url)
