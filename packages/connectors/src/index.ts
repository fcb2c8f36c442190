/** @module Systems as data: the interpreter of connector files and the catalog. */
export type { AccountField, AccountFieldValue } from './account-field.ts'
export { customFieldNames } from './account-fields.ts'
export { connectorForAccount } from './connector-for-account.ts'
export { ConnectorInvalid, type Fault } from './connector-invalid.ts'
export type {
  Collecting,
  Connection,
  Connector,
  ConnectorApi,
  ConnectorAuth,
  ConnectorIdentity,
  Coverage,
  FailedOutcome,
  FieldSource,
  InputField,
  Method,
  MethodInput,
  MethodOutcome,
  Narrowing,
  OkOutcome,
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
export { openCatalog } from './open-catalog.ts'
export { readYaml, type YamlRead } from './read-yaml.ts'
export { runMethod } from './run-method.ts'
