/**
 * @module
 * What a loaded connector offers: methods that turn canonical input into a request for the system, and the system's
 * answer into canonical records or a typed failure. Asking and reading are two functions; sending is the caller's.
 */
import type {
  CanonicalRecord,
  Failure,
  MethodKind,
  PiiAction,
  PiiClass,
  Quota,
  RecordName,
} from '@quartermaster/protocol'
import type { AccountField } from './account-field.ts'

/** A system, loaded from `catalog/<id>/`. Immutable; holds no tenant's data. */
export interface Connector {
  /** `[a-z][a-z0-9_]*`, the folder's name. */
  readonly id: string
  readonly label: string
  readonly auth: ConnectorAuth
  readonly api: ConnectorApi
  /** The quotas that the system enforces, in the order of the file. */
  readonly quotas: readonly QuotaRule[]
  /** Every method of the catalog entry, in the order of the file, whether documented or not. */
  readonly methods: readonly Method[]
}

/** OAuth 2.0 facts of the system. URLs are the vendor's own; only an operator may point them elsewhere. */
export interface ConnectorAuth {
  readonly authorizeUrl: string
  readonly tokenUrl: string
  readonly revokeUrl?: string
  /** How a token is revoked (RFC 7009) at {@link ConnectorAuth.revokeUrl}. */
  readonly revocation?: RevocationRules
  /** How many grants one user can have given one app at a time, where the vendor says; one more ends the oldest. */
  readonly maxGrantsPerUser?: number
  /** When there is one, an authorization response must carry exactly this `iss` (RFC 9207). */
  readonly issuer?: string
  /** Hosts, as in {@link ConnectorApi.hosts}, that the system's own sign-in and consent pages may lead through. */
  readonly pages: readonly string[]
  readonly scopes: { readonly required: readonly string[]; readonly optional: readonly string[] }
  /** Why each scope is asked for, in words for the person who connects. */
  readonly scopeReasons: ReadonlyMap<string, string>
  /** How optional scopes are asked for: a parameter name, or undefined when they join `scope`. */
  readonly optionalScopeParameter?: string
  /** Where the granted scopes stand in a token response. */
  readonly grantedScopes: 'scope' | 'scopes'
  /** Lifetime to assume, in seconds, when a token response has no `expires_in`. */
  readonly defaultExpiresInS: number
  /** For how long a refresh token still works after it was replaced, in seconds, where the vendor promises that. */
  readonly refreshGraceS?: number
  /** Members of a token response that belong to the connection and are kept, such as `instance_url`. */
  readonly keep: readonly string[]
  /** How the system says who has connected; absent when it does not. */
  readonly identity?: ConnectorIdentity
  /** Grants without a browser that the system takes. */
  readonly otherGrants: OtherGrants
  /** What this system's refusals at the token endpoint mean, where they differ from RFC 6749 §5.2. First match wins. */
  readonly tokenErrors: readonly TokenErrorRule[]
}

export interface RevocationRules {
  /** False when the system asks for the token alone. */
  readonly sendsSecret: boolean
  readonly sendsHint: boolean
  /** Answers that mean that the token was not known there; `includes` is looked for in the body. */
  readonly unknownToken: readonly { readonly status: number; readonly includes: string }[]
}

/** Who stands behind a grant: a user of an organisation, as the system names them. */
export interface ProviderIdentity {
  readonly userId: string
  /** For people to read. Personal data. */
  readonly user: string
  readonly orgId: string
  readonly org: string
}

export interface ConnectorIdentity {
  /** `bearer`: GET with the new access token. `introspection`: POST as in RFC 7662, with the client's credentials. */
  readonly ask: 'bearer' | 'introspection'
  /** A URL, or `{member}` for the one that the token response named; that one's host must be checked. */
  readonly url: string
  /** Undefined when the answer does not say who it is. */
  read(body: unknown, kept: { readonly [member: string]: string }): Promise<ProviderIdentity | undefined>
}

export interface OtherGrants {
  /** The host pattern of the customer's own token endpoint. */
  readonly clientCredentials?: { readonly host: string }
  readonly jwtBearer?: { readonly audience: string }
  readonly staticToken?: boolean
}

/** A refusal whose JSON member holds this text (case-insensitive) means this. */
export interface TokenErrorRule {
  readonly member: string
  readonly includes: string
  /** The grant is gone · somebody else refreshes it now · our client is refused · try again later. */
  readonly means: 'dead' | 'contention' | 'operator' | 'transient'
}

export interface ConnectorApi {
  /** A URL, or `{instance_url}` to take it from the kept members of the grant. No trailing slash. */
  readonly base: string
  /** Host names that requests may go to; `*.example.com` matches whole labels in front. */
  readonly hosts: readonly string[]
}

/** A quota of one connected account, as far as it is known before anything is sent. */
export interface QuotaRule {
  /** As in `Quota.policy`. */
  readonly policy: string
  /** A rolling window that we can count ourselves. The limit is the vendor's, until an answer states another. */
  readonly counted?: { readonly limit: number; readonly windowS: number }
  /** For a quota that only the system counts: seconds to wait when little is left and the answer does not say. */
  readonly lowWaitS?: number
  /** Whether a request to this URL counts against it. */
  covers(url: string): boolean
}

/** One thing that can be done with one resource. */
export interface Method {
  readonly system: string
  readonly resource: string
  readonly kind: MethodKind
  /** `list`, `get`, … or the name of a custom method. */
  readonly name: string
  readonly tags: readonly string[]
  /** Scopes the grant must have; empty when the system has no such notion. */
  readonly scopes: readonly string[]
  /** The canonical record that comes back. */
  readonly record: RecordName
  /** Absent when there is no documentation record: then there is no tool. */
  readonly tool?: ToolDocs
  /** The caller's arguments, flat, in order. Without `id`, `limit` and `next_cursor`, which follow from the kind. */
  readonly input: readonly InputField[]
  /** Classes that the id of the record has beside that of its canonical field, and the strictest treatment of it. */
  readonly idFilters?: readonly PiiClass[]
  readonly idCeiling?: PiiAction
  /** A page is at most this long; `limit` is clamped to it. */
  readonly maxLimit: number
  readonly defaultLimit: number
  /** Present when one call may take several requests; see `runMethod`. */
  readonly collect?: Collecting
  /** Present when the names of the account's custom fields must be known before `prepare`. */
  readonly discover?: FieldSource
  /** Present when the account's fields change what the method takes; see {@link Method.forAccount}. */
  readonly accountSchema?: FieldSource
  /** Present when the account's custom fields can be filters of it; they are, once it has its {@link Method.forAccount}. */
  readonly filtersCustomFields?: FieldSource

  /**
   * Builds the request.
   * @throws FailureError `invalid_arguments` when an id or a value cannot be sent to the system.
   */
  prepare(input: MethodInput, connection: Connection): Promise<UpstreamRequest>
  /** Reads the answer. Never throws for what the system sent: that is an `ok: false` outcome. */
  read(response: UpstreamResponse, input: MethodInput): Promise<MethodOutcome>
  /** The same method for an account with these fields of its resource, as {@link Method.accountSchema} or `filtersCustomFields` reads them. */
  forAccount(fields: readonly AccountField[]): Method
}

/** A method whose answer is made of several answers of the system, and how they become one. */
export interface Collecting {
  /** Most requests that one call makes. */
  readonly requests: number
  /** Makes one outcome of the pages, in their order. `complete` is false when the system has more than was asked for. */
  fold(pages: readonly OkOutcome[], complete: boolean): OkOutcome
}

export interface ToolDocs {
  /** Unique in the connector, `^[a-z][a-z0-9_]{0,47}$`. */
  readonly name: string
  readonly title: string
  readonly description: string
}

export interface InputField {
  readonly name: string
  readonly type: 'string' | 'integer' | 'number' | 'boolean'
  readonly enum?: readonly string[]
  readonly required: boolean
  readonly description: string
  /** PII classes of the fields that this argument filters by; empty for plain options and for what a write sets. */
  readonly filters: readonly PiiClass[]
  /** The fields that it filters by: dotted paths in the resource's record, or `resource:path` of another resource. */
  readonly reads?: readonly string[]
  /** What it searches too, unless the call's {@link MethodInput.hidden} names it. */
  readonly narrows?: readonly Narrowing[]
  /** The classes of what each value of `enum` asks about, where the values differ. */
  readonly valueFilters?: { readonly [value: string]: readonly PiiClass[] }
  /** The field that each value of `enum` asks about, as in `reads`. */
  readonly valueReads?: { readonly [value: string]: string }
  /** The strictest treatment that is put over what it reads, whoever asks. */
  readonly ceiling?: PiiAction
  /** The system's name of a field that only this account has, when the argument sets one or filters by it. */
  readonly customField?: string
}

/** A part of what a search covers, that it can leave out. */
export interface Narrowing {
  /** The class under which {@link MethodInput.hidden} names it. */
  readonly part: PiiClass
  /** All classes of what it reads. */
  readonly filters: readonly PiiClass[]
  readonly reads: readonly string[]
  readonly ceiling?: PiiAction
}

/** Canonical arguments, already coerced to the field types. */
export interface MethodInput {
  readonly id?: string
  /** Of a batch read. */
  readonly ids?: readonly string[]
  readonly limit?: number
  /** The connector's own cursor, as `MethodOutcome.cursor` gave it. */
  readonly cursor?: string
  readonly args: { readonly [name: string]: string | number | boolean }
  /** Classes that the caller may not ask about; a search leaves fields of these classes out. */
  readonly hidden?: readonly PiiClass[]
}

/** What is known of the connected account. Nothing in here is secret. */
export interface Connection {
  /** Base URL with its path prefix, trusted, no trailing slash. */
  readonly base: string
  /** Names of the account's custom fields for the method's resource, from {@link FieldSource.read}. */
  readonly customFields?: readonly string[]
  /** Epoch milliseconds; some systems must be told when something was written. */
  readonly now?: number
}

/** How the fields that an account has for a resource are found out. */
export interface FieldSource {
  readonly resource: string
  prepare(connection: Connection): UpstreamRequest
  /**
   * The fields that the connector knows, and those that only the account has.
   * @throws FailureError when the answer is not what it should be.
   */
  read(response: UpstreamResponse): Promise<readonly AccountField[]>
}

/** Without credentials: the vault adds them. */
export interface UpstreamRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  readonly url: string
  readonly headers: { readonly [name: string]: string }
  readonly body?: string
}

export interface UpstreamResponse {
  readonly status: number
  /** Names in lower case. */
  readonly headers: { readonly [name: string]: string | undefined }
  /** Decoded text, already capped in length by the sender. */
  readonly body: string
}

export interface OkOutcome {
  readonly ok: true
  /** For get, create, update: exactly one. For delete: none. */
  readonly records: readonly CanonicalRecord[]
  readonly cursor?: string
  readonly totalCount?: number
  /** Of a batch read: the ids that were asked for and not found. */
  readonly missing?: readonly string[]
  /** Of an aggregate: how many of the system's records its figures are about. */
  readonly coverage?: Coverage
  readonly quotas: readonly Quota[]
}

export interface Coverage {
  readonly covered: number
  readonly total: number
  readonly complete: boolean
}

export interface FailedOutcome {
  readonly ok: false
  readonly failure: Failure
  /** True when the system rejects the access token itself, so that a refresh may help. */
  readonly unauthorized?: boolean
  readonly quotas: readonly Quota[]
}

export type MethodOutcome = OkOutcome | FailedOutcome
