/** @module For tests only: a clock that stands still, an MCP server whose answers a test decides, a database of its own, a Redis. */
export { stepCost } from './step-cost.ts'
export { settle, TestClock, until } from './test-clock.ts'
export { createTestDatabase, type TestDatabase, testDatabaseServer } from './test-database.ts'
export { NO_REDIS, testRedisServer } from './test-redis.ts'
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
export { untilRefused } from './until-refused.ts'
