/** @module Systems as data: the interpreter of connector files and the catalog. */
export { type CaseFile, loadCases } from './case-file.ts'
export { ConnectorInvalid, type Fault } from './connector-invalid.ts'
export { connectorSuite } from './connector-suite.ts'
export type {
  Connection,
  Connector,
  ConnectorApi,
  ConnectorAuth,
  ConnectorIdentity,
  Discovery,
  InputField,
  Method,
  MethodInput,
  MethodOutcome,
  OtherGrants,
  ProviderIdentity,
  QuotaRule,
  TokenErrorRule,
  ToolDocs,
  UpstreamRequest,
  UpstreamResponse,
} from './contract.ts'
export { type CompiledExpression, compileExpression, type Expression, type ExpressionOptions } from './expression.ts'
export { hostAllowed, hostMatches } from './host-allowed.ts'
export { catalogEntries, catalogFolder, loadCatalog } from './load-catalog.ts'
export { loadConnector } from './load-connector.ts'
export type { SuiteRunner } from './suite-runner.ts'
