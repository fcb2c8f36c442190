import { loadCatalog } from '@quartermaster/connectors'
import { stepCost } from '@quartermaster/testing'
import { expect, test } from 'vitest'

test.each([...loadCatalog().values()])(
  '$id: an answer with more records than were asked for is refused before it is mapped',
  async ({ methods }) => {
    for (const method of methods.filter(({ kind, resource }) => kind === 'list' && resource === 'contact')) {
      const record = { id: '1', Id: '003000000000001AAA', properties: {}, createdAt: '2024-03-15T10:00:00Z' }
      const many = Array.from({ length: 60_000 }, () => record)
      const body = JSON.stringify({ results: many, records: many, totalSize: many.length, done: true })
      const read = () => method.read({ status: 200, headers: {}, body }, { limit: 1, args: {} })
      expect(await read()).toMatchObject({ ok: false, failure: { code: 'upstream_invalid' } })
      // To map a record costs many times what it costs to parse it.
      expect((await stepCost(read)) / (await stepCost(() => JSON.parse(body)))).toBeLessThan(5)
    }
  },
)
