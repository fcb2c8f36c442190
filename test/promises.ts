/**
 * @module
 * What Quartermaster promises, and the tests that prove it. A promise whose test is gone fails the suite.
 */

export interface Proved {
  readonly promise: string
  /** Test files with the beginning of the test's title. */
  readonly by: readonly (readonly [file: string, title: string])[]
}

export const promises: readonly Proved[] = [
  {
    promise: 'One refresh per expiry, however many callers, agents and processes.',
    by: [
      ['packages/server/src/vault/token-source.test.ts', 'token() refreshes once for 4 processes with 50 callers each'],
      ['packages/server/src/vault/token-source.test.ts', 'the same race without the vault loses the account'],
      ['test/e2e/two-processes.test.ts', 'two processes on one data directory share accounts and keys'],
      ['test/e2e/two-processes.test.ts', 'two processes on one PostgreSQL database share accounts and keys'],
      ['packages/server/src/vault/token-source-postgres.test.ts', 'refreshes once per expiry for 4 processes'],
      ['test/e2e/database-outage.test.ts', 'while the database is gone every call gets a typed refusal'],
      ['test/e2e/database-outage.test.ts', 'the lease of a killed process is taken over at once'],
    ],
  },
  {
    promise: 'No personal data reaches a role that may not see it.',
    by: [
      ['test/e2e/privacy.test.ts', 'nothing personal leaves %s for analytics'],
      ['test/e2e/privacy.test.ts', 'a masked URL of %s shows names'],
      ['test/e2e/privacy.test.ts', 'a stripped URL cannot ask about what it cannot read'],
      ['test/e2e/privacy.test.ts', 'logs and audit hold nothing personal'],
      ['test/canaries/canaries.test.ts', 'no canary reaches a role, a failure, a log line'],
      ['test/canaries/canaries.test.ts', 'the scanner finds every form of every canary'],
      ['test/canaries/oracle.test.ts', 'a question about a field that %s hides in %s'],
      ['test/canaries/oracle.test.ts', 'searching as %s in %s for a value that is hidden'],
      ['test/canaries/injections.test.ts', 'orders in the data of %s change neither tools nor scope'],
      ['test/e2e/pseudonyms.test.ts', 'a role that sees pseudonyms joins people'],
      ['test/e2e/pseudonyms.test.ts', 'real values, foreign tokens and made-up tokens are refused'],
      ['test/e2e/pseudonyms.test.ts', "the account's custom fields are shown by what the operator says"],
      ['packages/protocol/src/policy.test.ts', 'every field of every record has a class'],
    ],
  },
  {
    promise: "A tenant never sees another tenant's anything.",
    by: [
      ['test/e2e/bad-input.test.ts', 'an unknown, revoked or mistyped URL and a missing or foreign API token'],
      ['test/e2e/bad-input.test.ts', 'the admin surface refuses missing, foreign and too narrow tokens'],
      ['test/e2e/bad-input.test.ts', 'a forged, foreign or edited cursor is refused'],
      [
        'packages/server/src/vault/token-source.test.ts',
        'a grant row that was moved to another account is quarantined',
      ],
      ['packages/server/src/mcp/endpoint-wire.test.ts', 'createMcpEndpoint() keeps concurrent callers apart'],
      ['test/connect/callback-answers.test.ts', 'nothing is connected and no code is sent anywhere when %s'],
      ['test/connect/codes.test.ts', 'nothing is connected when %s'],
      ['test/connect/codes.test.ts', 'fifty identical answers at once lead to one exchange'],
      ['test/connect/authority-answers.test.ts', 'nothing is connected when %s'],
      ['test/connect/link-and-review.test.ts', 'nothing is connected when %s'],
      ['test/connect/issuer.test.ts', 'a system that declares its issuer is not believed when %s'],
      ['test/connect/reconnect.test.ts', '%s: another user or organisation is refused and the old grant stays'],
      ['test/connect/independent-authority.test.ts', 'an authority of independent make: connect'],
    ],
  },
  {
    promise: 'A 429 reaches the planner at once, with the time to wait; nothing in the server sleeps or retries on it.',
    by: [
      ['test/e2e/guide.test.ts', 'a refused quota reaches the caller at once'],
      ['test/e2e/read-only.test.ts', 'a quota that is used up while field names are asked for'],
      ['packages/client/src/call-tool.test.ts', 'callTool() lets one 429 pause every other call of the account'],
      ['packages/langgraph/src/record-tools.test.ts', 'two agents on one account wait together'],
    ],
  },
  {
    promise: 'An agent cannot run away: pages, calls, repeats and waits are bounded, and the bound says so.',
    by: [
      ['packages/client/src/list-all.test.ts', 'listAll() stops at ten pages'],
      ['packages/client/src/paginate.test.ts', 'paginate() ends when a cursor comes back'],
      ['packages/client/src/run-limiter.test.ts', 'admit() refuses the same call the fourth time'],
      ['packages/client/src/call-tool.test.ts', 'callTool() gives up after four 429s'],
      ['packages/langgraph/src/page-guard.test.ts', 'pageGuard() refuses the page after the last'],
      ['packages/server/src/pipeline/inbound-limit.test.ts', 'inboundLimit() lets a burst through'],
    ],
  },
  {
    promise: 'A tool exists only if it is documented. A read-only URL cannot write, whatever the client does.',
    by: [
      ['packages/server/src/tools/derive-tools.test.ts', 'deriveTools() selects by method, tag, pattern and scope'],
      ['test/e2e/read-only.test.ts', 'a read-only URL of %s cannot write'],
    ],
  },
  {
    promise: 'An action that cannot be audited does not happen; the audit holds no personal data, arguments or tokens.',
    by: [
      ['packages/server/src/pipeline/audit.test.ts', 'audit() sends no write that it cannot record'],
      ['packages/server/src/pipeline/audit.test.ts', 'audit() gives no answer that it cannot record'],
      ['packages/server/src/pipeline/audit.test.ts', 'intent() lets no read through either'],
      ['packages/server/src/audit/event.test.ts', 'around() does nothing that cannot be recorded'],
      ['test/audit/tamper.test.ts', 'every change of an audit on SQLite is found at the right row'],
      ['test/audit/canaries.test.ts', 'nothing that a caller or an operator says is in any row'],
      ['test/e2e/guide.test.ts', 'the audit names who did what and when'],
    ],
  },
  {
    promise: 'A new system is one folder of data.',
    by: [
      ['packages/connectors/test/catalog.test.ts', ''],
      ['test/promises.test.ts', 'no TypeScript outside the sandbox, the catalog and what shows them names a vendor'],
    ],
  },
  {
    promise: 'What is revoked stops working everywhere within a second.',
    by: [
      ['test/e2e/revocation.test.ts', 'a revoked URL, a revoked API token and a disconnected account'],
      ['test/e2e/revocation.test.ts', 'on PostgreSQL a revoked URL, a revoked API token and a disconnected account'],
      ['test/transport/revoked-streams.test.ts', 'a stream ends within a second of a revocation in another process'],
    ],
  },
]
