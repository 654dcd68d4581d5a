import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fingerprint, hashText } from '../../src/core/fingerprint.ts'
import { guardDeletions, guardField, guardListing } from '../../src/core/guard.ts'
import { instantMs } from '../../src/core/instant.ts'
import { mergeSets, toSet } from '../../src/core/sets.ts'
import { settleUpdate } from '../../src/core/settle.ts'
import { canonicalText, isBlank, isEqual, type Canonical, type Json } from '../../src/core/value.ts'

describe('values', () => {
  test.each<[Canonical, boolean]>([
    [null, true],
    ['', true],
    ['  ', true],
    [[], true],
    [{ a: null }, true],
    ['0', false],
    [false, false],
    [['x'], false],
  ])('%j is blank: %s', (value, blank) => {
    expect(isBlank(value)).toBe(blank)
  })

  test('key order does not matter, list order does', () => {
    expect(isEqual({ a: '1', b: '2' }, { b: '2', a: '1' })).toBe(true)
    expect(isEqual(['a', 'b'], ['b', 'a'])).toBe(false)
    expect(canonicalText({ b: [true, null], a: 'x' })).toBe('{"a":"x","b":[true,null]}')
  })

  test('are equal exactly when their texts are', () => {
    const { value } = fc.letrec<{ value: Json }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom(null, true, '', '0', 'a', 'length', 'constructor'),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom('a', 'b', 'length', 'constructor', '0'), tie('value'), { maxKeys: 3 }),
      ),
    }))
    fc.assert(
      fc.property(value, value, (a, b) => {
        expect(isEqual(a, b)).toBe(canonicalText(a) === canonicalText(b))
        expect(isEqual(a, structuredClone(a))).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('hashes', () => {
  // Stored in every database: another hash makes every record look changed once.
  test.each([
    ['', '5c0a880da3c512d3'],
    ['a', '66b464bc24f594a7'],
    ['Zoë, 東京 🏔', '794ca0b1517998f2'],
  ])('of %j stays %s', (text, hash) => {
    expect(hashText(text)).toBe(hash)
  })

  test('tell apart what differs by a little', () => {
    const texts = new Set<string>()
    for (let i = 0; i < 20_000; i += 1) texts.add(`person ${i}`).add(`${i} ${'x'.repeat(i % 60)}`)
    for (let i = 0; i < 2_000; i += 1) texts.add('\u0000'.repeat(i)).add(String.fromCharCode(i * 32))
    const hashes = [...texts].map(hashText)
    expect(new Set(hashes).size).toBe(texts.size)
    // Either half alone collides as rarely as chance would have it: n² / 2³³ for n texts.
    for (const half of [0, 8]) {
      const distinct = new Set(hashes.map((hash) => hash.slice(half, half + 8)))
      expect(texts.size - distinct.size).toBeLessThan(5)
    }
  })

  test('change in half of their bits when one bit of the text changes', () => {
    const bits = (text: string) => BigInt(`0x${hashText(text)}`)
    let flipped = 0
    let pairs = 0
    for (const text of ['Ada Lovelace', '2026-11-22T03:41:45.123Z', 'a@b.example'.repeat(9)]) {
      for (let at = 0; at < text.length; at += 1) {
        for (const bit of [1, 4, 64]) {
          const other =
            text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ bit) + text.slice(at + 1)
          flipped += (bits(text) ^ bits(other)).toString(2).replaceAll('0', '').length
          pairs += 1
        }
      }
    }
    expect(flipped / pairs).toBeGreaterThan(31)
    expect(flipped / pairs).toBeLessThan(33)
  })
})

describe('fingerprints', () => {
  test('see every field, tell absent from blank, and ignore the order of associations', () => {
    const of = (values: Record<string, Canonical>) => fingerprint(values, ['a', 'b'], 'v1')
    expect(of({ a: '1', b: null })).not.toBe(of({ a: '1' }))
    expect(of({ a: '1', b: '2' })).not.toBe(of({ a: '2', b: '1' }))
    const ref = (id: string) => ({ object: 'companies', id })
    expect(of({ a: [ref('1'), ref('2')], b: null })).toBe(of({ a: [ref('2'), ref('1')], b: null }))
    expect(of({ a: ['1', '2'], b: null })).not.toBe(of({ a: ['2', '1'], b: null }))
    expect(fingerprint({ a: '1' }, ['a'], 'v1')).not.toBe(fingerprint({ a: '1' }, ['a'], 'v2'))
  })
})

describe('instants', () => {
  test.each([
    '2026-11-22T03:41:45Z',
    '2026-11-22T03:41:45.123Z',
    '1999-12-31T23:59:59.999Z',
    '2024-02-29T12:00:00Z',
    '0001-01-01T00:00:00Z',
  ])('%s agrees with the platform', (text) => {
    expect(instantMs(text)).toBe(Date.parse(text))
  })
  test('nine digits, offsets and what is no instant', () => {
    expect(instantMs('2026-05-09T21:43:08.480000000Z')).toBe(Date.parse('2026-05-09T21:43:08.480Z'))
    expect(instantMs('2026-05-09T21:43:08+0200')).toBe(Date.parse('2026-05-09T19:43:08Z'))
    for (const text of ['', 'yesterday', '2026-13-01T00:00:00Z', '2026-05-09'])
      expect(instantMs(text)).toBeNull()
  })
})

describe('three-way merge of sets', () => {
  const set = fc.subarray(['a', 'b', 'c', 'd']).map((items) => toSet(items))
  const merge = (b: Canonical, left: Canonical, right: Canonical) =>
    mergeSets({ baseLeft: b, baseRight: b, left, right })

  test('identities, symmetry and stability under a second run (algorithms 2.3)', () => {
    fc.assert(
      fc.property(set, set, set, (b, left, right) => {
        expect(merge(b, b, right)).toEqual(right)
        expect(merge(b, left, left)).toEqual(left)
        expect(merge(b, left, right)).toEqual(merge(b, right, left))
        expect(merge(b, left, merge(b, left, right))).toEqual(merge(b, left, right))
      }),
    )
  })
})

describe('guards (I11)', () => {
  test('few deletions pass, many do not, in small and large worlds', () => {
    expect(guardDeletions(25, 100)).toBeNull()
    expect(guardDeletions(26, 100)?.guard).toBe('mass-deletion')
    expect(guardDeletions(400, 100_000)).toBeNull()
    expect(guardDeletions(501, 100_000)?.guard).toBe('mass-deletion')
  })
  test('an empty or shrunk listing stops the pass', () => {
    expect(guardListing(0, 0)).toBeNull()
    expect(guardListing(0, 1)).toBeNull()
    expect(guardListing(0, 40)?.guard).toBe('empty-side')
    expect(guardListing(79, 100)?.guard).toBe('shrunk-side')
    expect(guardListing(80, 100)).toBeNull()
    expect(guardListing(3, 10)).toBeNull()
  })
  test('one field changing everywhere stops the pass', () => {
    expect(guardField({ field: 'phone', side: 'left', changed: 31, links: 100 })?.guard).toBe('mass-change')
    expect(guardField({ field: 'phone', side: 'left', changed: 30, links: 100 })).toBeNull()
    expect(guardField({ field: 'phone', side: 'left', changed: 9, links: 10 })).toBeNull()
  })
})

describe('settling an unknown write', () => {
  const settle = (now: Canonical, versionNow: string | null) =>
    settleUpdate({
      versionBefore: 'v1',
      versionNow,
      fields: [{ field: 'f', target: 'new', before: 'old', now }],
    })
  test('an unmoved version proves that nothing was applied', () => {
    expect(settle('old', 'v1').kind).toBe('not-applied')
  })
  test.each<[Canonical, string]>([
    ['new', 'applied'],
    ['old', 'doubtful'],
    ['third', 'moved-on'],
  ])('the record moved and holds %j: %s', (now, kind) => {
    expect(settle(now, 'v2')).toEqual({ kind: 'settled', fields: [{ field: 'f', kind }] })
  })
})
