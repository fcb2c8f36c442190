/** @module The kinds of paging that the catalog does not show yet, and cursors that nobody gave. */
import { expect, test } from 'vitest'
import { cutPage, isCursor, nextLink, pageWindow } from './page-window.ts'

test('cutPage() of offsets goes on while pages are full', () => {
  const kind = { kind: 'offset' } as const
  expect(cutPage(kind, pageWindow(kind, 2, '4'), ['a', 'b'], undefined)).toEqual({ records: ['a', 'b'], cursor: '6' })
  expect(cutPage(kind, pageWindow(kind, 2, '4'), ['a'], undefined)).toEqual({ records: ['a'] })
})

test('cutPage() of keysets asks for one more and keeps it back', () => {
  const kind = { kind: 'keyset', key: 'Id', of: 'record' } as const
  const window = pageWindow(kind, 2, undefined)
  expect(window.fetch).toBe(3)
  const three = [{ Id: 'a' }, { Id: 'b' }, { Id: 'c' }]
  expect(cutPage(kind, window, three, undefined)).toEqual({ records: three.slice(0, 2), cursor: 'b' })
  expect(cutPage(kind, window, three.slice(0, 2), undefined)).toEqual({ records: three.slice(0, 2) })
})

test.each([
  ['<https://x.test/a?after=1&limit=2>; rel="next"', '?after=1&limit=2'],
  ['<https://x.test/a?after=0>; rel="self", <https://x.test/a?after=1>; rel="next"', '?after=1'],
  ['<https://evil.test/b?after=1#x>; rel=next', '?after=1'],
  ['<https://x.test/a?after=1>; rel="prev"', undefined],
  ['<https://x.test/a>; rel="next"', undefined],
  ['nonsense', undefined],
  [undefined, undefined],
])('nextLink(%j) takes only the query of the next link', (header, expected) => {
  expect(nextLink(header)).toBe(expected)
})

test.each([
  [{ kind: 'offset' }, '-1'],
  [{ kind: 'none' }, '1e3'],
  [{ kind: 'cursor' }, 'a\r\nb'],
  [{ kind: 'link' }, '?a#b'],
  [{ kind: 'link' }, '//evil.test'],
  [{ kind: 'keyset', key: 'Id', of: 'record' }, "' OR 1"],
] as const)('isCursor(%j) refuses %j', (kind, cursor) => {
  expect(isCursor(kind, cursor, (key) => /^\d+$/.test(key))).toBe(false)
})
