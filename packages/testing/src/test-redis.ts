/**
 * @module
 * For tests only: the Redis that QUARTERMASTER_TEST_REDIS_URL names. Tests share it, each under a prefix of its own.
 */

/** Undefined when there is no server to test with; `tools/with-redis.sh` starts one for a command. */
export const testRedisServer = process.env['QUARTERMASTER_TEST_REDIS_URL']

/** What a test says that is skipped for want of one. */
export const NO_REDIS = 'QUARTERMASTER_TEST_REDIS_URL is not set: tools/with-redis.sh runs this test'
