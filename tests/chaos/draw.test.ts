/** What a seed draws has to be what the engine can be held to, and the same every time. */
import { describe, expect, test } from 'vitest'
import { drawChaos } from './draw.ts'
import { LATE_MAX_MS, ZOMBIE_HORIZON_MS } from './engine-settings.ts'

const STORM_MS = 60_000
const SEEDS = Array.from({ length: 200 }, (_, seed) => seed)
const drawn = SEEDS.map((seed) => drawChaos(seed, STORM_MS))

test('a seed draws the same run every time, and another one another run', () => {
  expect(drawChaos(7, STORM_MS)).toEqual(drawn[7])
  expect(drawChaos(7, STORM_MS)).not.toEqual(drawn[8])
})

test.each([
  ['hub', ['attio', 'hubspot', 'salesforce']],
  ['attio-hubspot', ['attio', 'hubspot']],
  ['attio-salesforce', ['attio', 'salesforce']],
] as const)('in a run of %s everybody who takes part has people, weather and a climate', (cast, crms) => {
  const { steps, fronts, climate } = drawChaos(7, STORM_MS, cast)
  expect([...new Set(steps.map(({ vendor }) => vendor))].toSorted()).toEqual(crms)
  expect([...new Set(fronts.map(({ vendor }) => vendor))].toSorted()).toEqual(crms)
  expect(Object.keys(climate).toSorted()).toEqual(crms)
  const meetings = steps.flatMap(({ meets }) => (meets ? [meets.length] : []))
  expect(new Set(meetings), 'all others meet at a record').toEqual(new Set([crms.length - 1]))
})

test('no fault lets a write take effect after the time that the engine allows for it', () => {
  expect(LATE_MAX_MS).toBeLessThan(ZOMBIE_HORIZON_MS)
  const delays = drawn.flatMap(({ fronts }) =>
    fronts.flatMap(({ rules }) =>
      rules.flatMap(({ kind, delayMs }) => (kind === 'late' || kind === 'delay' ? (delayMs ?? 0) : [])),
    ),
  )
  expect(Math.max(...delays)).toBe(LATE_MAX_MS)
})

describe('over all seeds everything happens', () => {
  const kindsOf = (wanted: 'do' | 'kind') =>
    new Set(drawn.flatMap(({ steps }) => steps.map(({ action }) => action[wanted])))

  test('to companies, people and deals', () => {
    expect(kindsOf('kind')).toEqual(new Set(['company', 'person', 'deal']))
    expect(kindsOf('do')).toEqual(
      new Set(['create', 'update', 'delete', 'restore', 'merge', 'relate', 'bulk', 'convert']),
    )
    expect(new Set(drawn.map(({ hasLeads }) => hasLeads))).toEqual(new Set([true, false]))
  })

  test('on the way to the CRMs', () => {
    const kinds = new Set(
      drawn.flatMap(({ fronts }) => fronts.flatMap(({ rules }) => rules.map((rule) => rule.kind))),
    )
    expect([...kinds].toSorted()).toEqual([
      'cut-body',
      'delay',
      'late',
      'refuse',
      'reset-after',
      'reset-before',
      'status',
      'status-after',
      'timeout-after',
      'timeout-before',
    ])
  })

  test('to the process', () => {
    const ends = new Set(drawn.flatMap(({ lives }) => lives.map(({ command, end }) => `${command} ${end}`)))
    expect([...ends].toSorted()).toEqual([
      'start drain',
      'start kill',
      'sync drain',
      'sync kill',
      'sync live',
    ])
  })
})
