/** @module A snippet of docs/agents.md. */
import { callTool, connect, RateGate } from '@quartermaster/client'

const { CRM_URL = '', CRM_TOKEN: token = '', ACCOUNT: account = '' } = process.env
const gate = new RateGate() // one per process
const conn = await connect(CRM_URL, { token })
const tool = { name: 'get_single_hub_spot_contact_by_id', annotations: { readOnlyHint: true } }
const found = await callTool(conn, tool, { id: '501' }, { account, gate })
console.log(found.ok ? found.envelope.result : found.error, gate.state(account))
await conn.close()
