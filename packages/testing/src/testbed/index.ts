/** @module For tests only: a testbed of server and faked vendors in one process, servers in processes of their own, and requests to either. */
export { type PostgresCluster, startPostgres } from './postgres-cluster.ts'
export { admin, type HttpAnswer, type ListedTool, type RpcAnswer, requestsTo, type Target } from './requests.ts'
export { callTool, cliMain, type ServerProcess, serve, type ToolAnswer } from './server-process.ts'
export { openTestbed, type Testbed, type TestbedOptions } from './testbed.ts'
