/** @module What goes into a URL stays where it was put. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fillPath, fillQuery, joinUrl } from './fill-path.ts'

const base = 'https://api.example.test/prefix'
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom('..', '../', '/', '\\', '%2f', '%2e%2e', '?', '#', ';', '@', ':', '漢', '\ud800', '\t'),
      fc.string({ maxLength: 3 }),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''))

test('fillPath() makes one segment of any id, or refuses it', () => {
  fc.assert(
    fc.property(hostile, (id) => {
      let path: string
      try {
        path = fillPath('/things/{id}/parts', { id })
      } catch (error) {
        return error instanceof RangeError
      }
      const url = new URL(joinUrl(base, path))
      const segments = url.pathname.split('/')
      return (
        url.search === '' &&
        url.hash === '' &&
        segments.length === 5 &&
        segments.slice(0, 3).join('/') === '/prefix/things' &&
        decodeURIComponent(segments[3] ?? '') === id &&
        segments[4] === 'parts'
      )
    }),
    { numRuns: 5_000 },
  )
})

test('without encoding the same ids do leave their segment', () => {
  const result = fc.check(
    fc.property(hostile, (id) => {
      fc.pre(URL.canParse(`${base}/things/${id}/parts`))
      return new URL(`${base}/things/${id}/parts`).pathname.split('/').length === 5
    }),
    { numRuns: 5_000 },
  )
  expect(result.failed).toBe(true)
})

test.each(['', '.', '..', '\ud800'])('fillPath() refuses %j', (id) => {
  expect(() => fillPath('/things/{id}', { id })).toThrow(RangeError)
})

test('fillPath() takes only own values', () => {
  expect(() => fillPath('/things/{constructor}', {})).toThrow(RangeError)
})

test('fillQuery() encodes keys and values, repeats arrays, leaves out what is absent', () => {
  expect(fillQuery({ q: "a b'&=ü", list: ['1', 2], none: undefined, nil: null, yes: true })).toBe(
    '?q=a%20b%27%26%3D%C3%BC&list=1&list=2&yes=true',
  )
  expect(fillQuery({})).toBe('')
})

test.each(['/../other', '/a/../../b', '@evil.test/', '.evil.test/', '/a#b'])('joinUrl() refuses %s', (path) => {
  expect(() => joinUrl(base, path)).toThrow(RangeError)
})
