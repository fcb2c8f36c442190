/** @module Proves that an introduction without its params is the caller's fault, and that others pass. */
import { expect, test } from 'vitest'
import { validateInitialize } from './validate-initialize.ts'

const introduction = { jsonrpc: '2.0', id: 1, method: 'initialize' }
const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'a', version: '1' } }

test('validateInitialize() answers -32602 when params are missing or of another type', () => {
  for (const bad of [
    introduction,
    { ...introduction, params: {} },
    { ...introduction, params: { ...params, clientInfo: [] } },
  ]) {
    expect(validateInitialize(bad)).toMatchObject({ jsonrpc: '2.0', id: 1, error: { code: -32_602 } })
  }
})

test('validateInitialize() lets whole introductions, other requests and notifications pass', () => {
  expect(validateInitialize({ ...introduction, params })).toBeUndefined()
  expect(validateInitialize({ ...introduction, method: 'tools/list' })).toBeUndefined()
  expect(validateInitialize({ jsonrpc: '2.0', method: 'initialize' })).toBeUndefined()
})
