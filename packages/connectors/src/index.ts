/** @module Systems as data: the interpreter of connector files and the catalog. */
export type {
  Connection,
  Connector,
  ConnectorApi,
  ConnectorAuth,
  Discovery,
  InputField,
  Method,
  MethodInput,
  MethodOutcome,
  ToolDocs,
  UpstreamRequest,
  UpstreamResponse,
} from './contract.ts'
