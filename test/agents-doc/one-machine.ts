/** @module A snippet of docs/agents.md. */
import { RateGate, sqliteGateStore } from '@quartermaster/client'

const { GATE_FILE = 'gate.db' } = process.env // the same file for all processes of the machine
export const gate = new RateGate({ store: sqliteGateStore(GATE_FILE) })
