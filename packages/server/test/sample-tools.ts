/**
 * @module
 * A small connector, tool and access by hand, for tests of what stands above connectors.
 */
import type { Connector, InputField, Method } from '@quartermaster/connectors'
import { mcpServerConfig, policies } from '@quartermaster/protocol'
import type { Access } from '../src/pipeline/call.ts'
import { deriveTools } from '../src/tools/derive-tools.ts'

/** A documented list method, except for what `change` says. */
export function sampleMethod(change: Partial<Method> = {}): Method {
  const method: Method = {
    system: 'acme',
    resource: 'contact',
    kind: 'list',
    name: change.kind ?? 'list',
    tags: ['crm'],
    scopes: [],
    record: 'contact',
    tool: { name: 'list_all_acme_contacts', title: 'List contacts', description: 'List all contacts.' },
    input: [],
    maxLimit: 100,
    defaultLimit: 20,
    prepare: () => Promise.reject(new Error('Cannot prepare: this method is not for sending')),
    read: () => Promise.reject(new Error('Cannot read: this method is not for sending')),
    forAccount: () => method,
    ...change,
  }
  return method
}

/** Optional text, except for what `change` says. */
export function sampleField(name: string, change: Partial<InputField> = {}): InputField {
  return { name, type: 'string', required: false, description: `The ${name}`, filters: [], ...change }
}

/** A connector that offers `methods`. */
export function sampleConnector(methods: readonly Method[]): Connector {
  return {
    id: 'acme',
    label: 'Acme',
    auth: {
      authorizeUrl: 'https://login.acme.test/authorize',
      tokenUrl: 'https://login.acme.test/token',
      pages: [],
      scopes: { required: [], optional: [] },
      scopeReasons: new Map(),
      otherGrants: {},
      grantedScopes: 'scope',
      defaultExpiresInS: 3600,
      keep: [],
      tokenErrors: [],
    },
    api: { base: 'https://api.acme.test', hosts: ['api.acme.test'] },
    quotas: [],
    methods,
  }
}

/** What a URL over `methods` opens, every method selected. */
export function sampleAccess(methods: readonly Method[], pii: keyof typeof policies = 'full'): Access {
  const config = mcpServerConfig.parse({ methods: ['read', 'write', 'custom'], pii })
  return {
    server: {
      id: 'mcp_sample',
      tenant: 'ten_sample',
      accountId: 'acc_sample',
      name: 'Sample',
      config,
      createdAt: 0,
      expiresAt: 1,
      revokedAt: undefined,
    },
    account: {
      id: 'acc_sample',
      tenant: 'ten_sample',
      system: 'acme',
      label: 'Acme',
      status: 'active',
      reason: undefined,
      scopes: undefined,
      apiBase: 'https://api.acme.test',
      createdAt: 0,
    },
    tools: deriveTools(sampleConnector(methods), config, undefined),
    policy: policies[pii],
  }
}
