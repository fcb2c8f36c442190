/** @module Proves that an introduction without its params is the caller's fault, and that others pass. */
import { expect, test } from 'vitest'
import { refuseHello } from './refuse-hello.ts'

const hello = { jsonrpc: '2.0', id: 1, method: 'initialize' }
const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'a', version: '1' } }

test('refuseHello() answers -32602 when params are missing or of another type', () => {
  for (const bad of [hello, { ...hello, params: {} }, { ...hello, params: { ...params, clientInfo: [] } }]) {
    expect(refuseHello(bad)).toMatchObject({ jsonrpc: '2.0', id: 1, error: { code: -32_602 } })
  }
})

test('refuseHello() lets whole introductions, other requests and notifications pass', () => {
  expect(refuseHello({ ...hello, params })).toBeUndefined()
  expect(refuseHello({ ...hello, method: 'tools/list' })).toBeUndefined()
  expect(refuseHello({ jsonrpc: '2.0', method: 'initialize' })).toBeUndefined()
})
