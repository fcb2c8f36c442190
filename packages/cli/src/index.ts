/** @module What tests and examples start: a server on a data directory, and the faked vendors beside it. */
export { tokenCost } from './check/token-cost.ts'
export { type MeasureOptions, measure, type ToolLatency } from './latency/measure.ts'
export { showLatency } from './latency/show-latency.ts'
export { type ConnectedAccount, connectSandboxAccounts } from './sandbox/connect-sandbox-accounts.ts'
export { type RunningSandbox, sandboxApp, sandboxTenants, startSandbox } from './sandbox/start-sandbox.ts'
export { type HttpServer, listenHttp } from './serve/listen.ts'
export { type RunningServer, type StartOptions, startServer } from './serve/start-server.ts'
export { type SandboxedServer, startSandboxedServer } from './start-sandboxed-server.ts'
