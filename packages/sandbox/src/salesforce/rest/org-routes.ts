/**
 * @module
 * Versions, limits and who is signed in.
 */
import type { Hono } from 'hono'
import type { VendorContext, VendorEnv } from '../../vendor.ts'
import { refused } from '../refusal.ts'
import { DAILY_WINDOW } from '../refuse.ts'
import type { Org } from '../seed.ts'
import { json, pathParam, resource, rootOf, VERSION_ROOT } from './resource.ts'
import { VERSIONS } from './session.ts'

const SEASONS = ["Summer '", "Winter '", "Spring '"] as const

export function orgRoutes(app: Hono<VendorEnv>, context: VendorContext, org: Org): void {
  resource(app, '/services/data', { GET: () => json(VERSIONS.map(release)) })
  resource(app, VERSION_ROOT, {
    GET: (call) => {
      const root = rootOf(call)
      const names = ['limits', 'parameterizedSearch', 'query', 'queryAll', 'search', 'sobjects']
      return json({ ...Object.fromEntries(names.map((name) => [name, `${root}/${name}`])), identity: identityUrl() })
    },
  })
  resource(app, `${VERSION_ROOT}/limits`, {
    GET: () => {
      const { limit, remaining } = context.windows.peek(DAILY_WINDOW)
      return json({
        DailyApiRequests: { Max: limit, Remaining: remaining },
        DailyBulkApiBatches: { Max: 15_000, Remaining: 15_000 },
        DataStorageMB: { Max: 1024, Remaining: 1000 },
        FileStorageMB: { Max: 1024, Remaining: 1024 },
      })
    },
  })
  resource(app, '/id/:organization/:user', {
    GET: (call) => {
      const known = pathParam(call, 'organization') === org.organizationId
      if (!known || pathParam(call, 'user') !== org.runningUserId) throw refused(403, 'FORBIDDEN', 'Bad_OAuth_Token')
      return json(identity())
    },
  })
  resource(app, '/services/oauth2/userinfo', {
    GET: () => {
      const { user_id, organization_id, username, display_name, email, first_name, last_name } = identity()
      return json({
        sub: identityUrl(),
        user_id,
        organization_id,
        preferred_username: username,
        name: display_name,
        email,
        email_verified: true,
        given_name: first_name,
        family_name: last_name,
      })
    },
  })

  function identityUrl(): string {
    return `${context.baseUrl}/id/${org.organizationId}/${org.runningUserId}`
  }

  function identity() {
    const user = org.store.find('User', org.runningUserId)
    const rest = `${context.baseUrl}/services/data/v{version}/`
    return {
      id: identityUrl(),
      asserted_user: true,
      user_id: org.runningUserId,
      organization_id: org.organizationId,
      username: user?.['Username'] ?? null,
      nick_name: user?.['Alias'] ?? null,
      display_name: user?.['Name'] ?? null,
      email: user?.['Email'] ?? null,
      email_verified: true,
      first_name: user?.['FirstName'] ?? null,
      last_name: user?.['LastName'] ?? null,
      timezone: user?.['TimeZoneSidKey'] ?? null,
      active: true,
      user_type: 'STANDARD',
      language: 'en_US',
      locale: 'en_US',
      utcOffset: 0,
      last_modified_date: user?.['LastModifiedDate'] ?? null,
      is_app_installed: true,
      urls: {
        rest,
        sobjects: `${rest}sobjects/`,
        search: `${rest}search/`,
        query: `${rest}query/`,
        profile: `${context.baseUrl}/${org.runningUserId}`,
      },
    }
  }
}

/** v67.0 is Summer '26; three releases make a year, and Winter belongs to the next one. */
function release(version: number) {
  const season = (version - 67 + 300) % 3
  const year = 26 + Math.floor((version - 65) / 3)
  return { label: `${SEASONS[season]}${year}`, url: `/services/data/v${version}.0`, version: `${version}.0` }
}
