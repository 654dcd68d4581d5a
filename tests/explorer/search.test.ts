/** The parts of the explorer that know nothing about what they explore. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createPool } from './pool.ts'
import { createRestGraph } from './rest-graph.ts'
import { createStateTable } from './state-table.ts'

/** Edges by state, each a target; a `w` in front stands for a write. */
function analyse(states: readonly (readonly string[])[]) {
  const graph = createRestGraph()
  for (const edges of states) {
    graph.open()
    for (const edge of edges) graph.add(Number(edge.replace('w', '')), edge.startsWith('w'))
  }
  return graph.analyse()
}

describe('coming to rest', () => {
  test('counts the most writes on any way, not on the shortest', () => {
    expect(analyse([['1', 'w2'], ['w2'], ['w3', '3'], []])).toEqual({ writesMax: 2, endless: 0, loop: null })
  })

  test('looking again and finding nothing is rest', () => {
    expect(analyse([['w1'], ['2'], ['1']])).toEqual({ writesMax: 1, endless: 0, loop: null })
  })

  test('a cycle with a write on it never ends, and whatever leads there does not either', () => {
    const { endless, loop } = analyse([['1'], ['2', '4'], ['w3'], ['1'], []])
    expect(endless).toBe(4)
    expect(loop).toEqual([2, 3, 1])
  })

  test('a write that leads back to its own state never ends', () => {
    expect(analyse([['w0']])).toMatchObject({ endless: 1, loop: [0] })
  })

  test('two ways that meet again are no cycle', () => {
    expect(analyse([['1', '2'], ['w3'], ['w3'], []])).toEqual({ writesMax: 1, endless: 0, loop: null })
  })

  test('a long way is walked without running out of stack', () => {
    const states = Array.from({ length: 100_000 }, (_, i) => [`w${i + 1}`])
    expect(analyse([...states, []]).writesMax).toBe(100_000)
  })
})

describe('the table of states', () => {
  test('finds every row again, however many there are, and tells rows apart', () => {
    const rows = fc.array(fc.tuple(fc.nat(9), fc.nat(9), fc.integer()), { maxLength: 3_000, size: 'max' })
    fc.assert(
      fc.property(rows, (all) => {
        const table = createStateTable(3)
        const known = new Map<string, number>()
        for (const row of all) {
          const key = row.join()
          const { index, isNew } = table.add(row)
          expect(isNew).toBe(!known.has(key))
          expect(index).toBe(known.get(key) ?? known.size)
          known.set(key, index)
        }
        expect(table.size).toBe(known.size)
        for (const [key, index] of known) expect(table.at(index).join()).toBe(key)
      }),
      { numRuns: 20 },
    )
  })
})

test('a pool gives equal values one number, and different ones different numbers', () => {
  const pool = createPool<unknown>()
  expect(pool.of({ a: [1] })).toBe(pool.of({ a: [1] }))
  expect(pool.of({ a: [1] })).not.toBe(pool.of({ a: [2] }))
  expect(pool.of(null)).not.toBe(pool.of({ a: null }))
  expect(pool.at(pool.of({ a: [2] }))).toEqual({ a: [2] })
})
