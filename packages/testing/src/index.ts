/** @module For tests only: a clock that stands still, and an MCP server whose answers a test decides. */
export { settle, TestClock, until } from './test-clock.ts'
export {
  createTool,
  failure,
  listTool,
  rateLimited,
  type ScriptedAnswer,
  type SeenCall,
  startTestServer,
  success,
  type TestServer,
} from './test-server.ts'
