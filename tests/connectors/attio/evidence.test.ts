import { describe, expect, test } from 'vitest'
import {
  actorOf,
  currentEvidence,
  historicEvidence,
  ownActor,
  versionOf,
} from '../../../src/connectors/attio/evidence.ts'
import { MEMBER, OTHER_TOKEN, OUR_TOKEN, SYSTEM, wireRecord, wireValue } from './answers.ts'

const own = ownActor(OUR_TOKEN.id)
const earlier = '2026-05-09T21:43:08.480000000Z'
const later = '2026-05-09T21:43:08.480000001Z'

test.each([
  [MEMBER, 'human'],
  [OUR_TOKEN, 'us'],
  [OTHER_TOKEN, 'integration'],
  [{ type: 'app', id: 'x' }, 'integration'],
  [SYSTEM, 'system'],
  [{ type: 'robot', id: 'x' }, 'unknown'],
  [{ type: null, id: null }, 'unknown'],
  [null, 'unknown'],
])('%o is %s', (actor, kind) => {
  expect(actorOf(actor, own).kind).toBe(kind)
})

test('a suspected id counts as ours, and is who we are as soon as it is seen to have signed something', () => {
  const actor = ownActor(null)
  actor.suspect(OUR_TOKEN.id)
  expect(actorOf(OTHER_TOKEN, actor).kind).toBe('integration')
  expect(actor.id()).toBeNull()
  expect(actorOf(OUR_TOKEN, actor).kind).toBe('us')
  expect(actor.id()).toBe(OUR_TOKEN.id)
})

test('what an answered write taught outweighs a suspicion', () => {
  const actor = ownActor(null)
  actor.suspect(OUR_TOKEN.id)
  actor.learn(OTHER_TOKEN.id)
  expect(actorOf(OUR_TOKEN, actor).kind).toBe('us')
  expect(actor.id()).toBe(OTHER_TOKEN.id)
})

describe('evidence', () => {
  const old = wireValue({ value: 'a' }, { active_from: earlier })
  const fresh = wireValue({ value: 'b' }, { active_from: later, created_by_actor: OUR_TOKEN })

  test('of several values is that of the newest, down to the nanosecond', () => {
    expect(currentEvidence([fresh, old], own)).toEqual({ at: later, actor: { kind: 'us', id: OUR_TOKEN.id } })
    expect(currentEvidence([], own)).toBeNull()
  })

  test('of a replaced value is that of its successor', () => {
    expect(historicEvidence([{ ...old, active_until: later }, fresh], own)?.actor.kind).toBe('us')
  })

  test('of a cleared value is the moment it ended, by nobody known', () => {
    const cleared = { ...fresh, active_until: '2026-05-10T00:00:00.000000000Z' }
    expect(historicEvidence([old, cleared], own)).toEqual({
      at: '2026-05-10T00:00:00.000000000Z',
      actor: { kind: 'unknown', id: null },
    })
  })

  test('of an empty history is unknown', () => {
    expect(historicEvidence([], own)).toBeNull()
  })
})

describe('the version of a record', () => {
  const record = wireRecord('r', { name: wireValue({ value: 'Ada' }), tags: [wireValue({ value: 'x' })] })
  const version = versionOf(record)

  test('is the same for the same values, in whatever order attributes come', () => {
    const { name, tags } = record.values
    expect(versionOf({ ...record, values: { tags: tags!, name: name! } })).toBe(version)
  })

  test('changes when a value is set, added or removed', () => {
    const values = [
      { name: wireValue({ value: 'Ada' }, { active_from: later }), tags: wireValue({ value: 'x' }) },
      { name: wireValue({ value: 'Ada' }), tags: [wireValue({ value: 'x' }), wireValue({ value: 'y' })] },
      { name: wireValue({ value: 'Ada' }), tags: [] },
      { title: wireValue({ value: 'Ada' }), tags: wireValue({ value: 'x' }) },
    ]
    const versions = values.map((each) => versionOf(wireRecord('r', each)))
    expect(new Set([version, ...versions]).size).toBe(5)
  })

  test('changes when an option is renamed, which sets no value', () => {
    const titled = (title: string) => versionOf(wireRecord('r', { tier: wireValue({ option: { title } }) }))
    expect(titled('Gold')).not.toBe(titled('Platinum'))
  })
})
