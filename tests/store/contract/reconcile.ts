/** Contract: links, bases, aliases, matching keys, references; what a commit changes and what loading shows. */
import { expect, test } from 'vitest'
import { InvariantError } from '../../../src/errors.ts'
import type { LinkBase } from '../../../src/core/base.ts'
import type { Evidence, Side } from '../../../src/core/record.ts'
import type { Change } from '../../../src/store/change.ts'
import { LinkTaken } from '../../../src/store/links.ts'
import { outsiderKey } from '../../../src/store/records.ts'
import type { Store } from '../../../src/store/store.ts'
import * as make from './samples.ts'
import {
  agree,
  claim,
  fieldBase,
  idsOf,
  left,
  MAPPING,
  OTHER_MAPPING,
  putLink,
  right,
  sighting,
} from './samples.ts'

const alias = (from: string, to: string): Change => ({
  kind: 'put-alias',
  mapping: MAPPING,
  side: 'left',
  from,
  to,
  atMs: 1,
})

export function reconcileContract(open: () => Promise<Store>): void {
  test('of whose change a field is, the last note counts, by connection, object, record and field', async () => {
    const store = await open()
    const note = (record: string, fields: Record<string, Evidence>, object = 'people'): Change => ({
      kind: 'note-origins',
      connection: 'hub',
      object,
      record,
      fields,
    })
    const by = (id: string): Evidence => ({
      at: '2026-01-01T00:00:00Z',
      actor: { kind: 'human', id },
      via: 'crm',
    })
    await store.commitPlans([
      note('a', { title: by('u1'), name: by('u1') }),
      note('a', { title: by('u2') }),
      note('b', { title: by('u3') }),
      note('a', { title: by('u4') }, 'companies'),
    ])
    const asked = { connection: 'hub', object: 'people', records: ['a', 'c'] }
    expect(await store.origins(asked)).toEqual(new Map([['a', { title: by('u2'), name: by('u1') }]]))
    expect(await store.origins({ ...asked, connection: 'other' })).toEqual(new Map())
  })

  test('what a vendor tells late of a field does not replace what is known of a later moment', async () => {
    const store = await open()
    const told = (at: string, id: string): Change => ({
      kind: 'note-origins',
      connection: 'crm',
      object: 'people',
      record: 'a',
      fields: { title: { at, actor: { kind: 'human', id } } },
    })
    const known = async () =>
      (await store.origins({ connection: 'crm', object: 'people', records: ['a'] })).get('a')?.['title']
        ?.actor.id
    await store.commitPlans([told('2026-01-01T00:00:02.000Z', 'second')])
    // Another form of an instant before it, of which the text would come later.
    await store.commitPlans([told('2026-01-01T02:00:01.000+0200', 'first')])
    expect(await known()).toBe('second')
    await store.commitPlans([told('2026-01-01T00:00:03.000Z', 'third')])
    expect(await known()).toBe('third')
  })

  test('an unknown record loads as a blank subject', async () => {
    const store = await open()
    expect(await make.subjectOf(store, left('nobody'))).toEqual({
      side: 'left',
      id: 'nobody',
      askedId: 'nobody',
      link: null,
      base: {},
      openIntent: null,
      suppressed: null,
      quarantine: null,
      agreed: null,
      decisions: {},
    })
  })

  test('everything known about a record is loaded, in the order asked, from either side', async () => {
    const store = await open()
    const entry = make.quarantine(left('k1-l'), { link: 'k1' })
    await store.commitPlans([
      putLink('k1', { versions: { left: 'v1', right: null } }),
      putLink('k2', { mapping: OTHER_MAPPING, left: 'k1-l' }),
      { kind: 'set-base', link: 'k1', fields: { email: fieldBase('a@example.com') } },
      { kind: 'suppress', mapping: MAPPING, record: left('k1-l'), reason: 'merged', atMs: 1 },
      { kind: 'quarantine', entry },
      {
        kind: 'agree-record',
        mapping: MAPPING,
        record: left('k1-l'),
        fingerprint: 'print',
        version: 'v1',
      },
      { kind: 'open-conflict', conflict: make.conflict('c1', { state: 'decided', loser: 'right' }) },
    ])
    const intent = make.intent('i1', 'k1', { stamp: { field: 'attio_record_id', value: 'k1-l' } })
    await store.beginWrites([intent])
    const subjects = await store.load({
      mapping: MAPPING,
      records: [right('k1-r'), left('k1-l'), right('k1-r')],
    })
    expect(subjects.map((subject) => subject.id)).toEqual(['k1-r', 'k1-l', 'k1-r'])
    const link = { ...make.link('k1', { versions: { left: 'v1', right: null } }), epoch: 1 }
    expect(subjects[1]).toEqual({
      side: 'left',
      id: 'k1-l',
      askedId: 'k1-l',
      link,
      base: { email: fieldBase('a@example.com') },
      openIntent: intent,
      suppressed: 'merged',
      quarantine: entry,
      agreed: 'print',
      decisions: { email: { conflict: 'c1', choice: 'left', lost: null } },
    })
    expect(subjects[0]).toMatchObject({ link, suppressed: null, quarantine: null, openIntent: intent })
    expect(await store.loadLinks({ links: ['none', 'k1'] })).toEqual([
      { link, base: { email: fieldBase('a@example.com') } },
    ])
    await store.commitPlans([
      { kind: 'release', mapping: MAPPING, record: left('k1-l') },
      { kind: 'heal', mapping: MAPPING, record: left('k1-l') },
    ])
    expect(await make.subjectOf(store, left('k1-l'))).toMatchObject({ suppressed: null, quarantine: null })
  })

  test('a base is replaced field by field and forgets a field on null', async () => {
    const store = await open()
    const fields: LinkBase = {
      plain: fieldBase({ first_name: 'Ada', last_name: 'Lovelace' }),
      blank: fieldBase(null),
      list: fieldBase(['a', 'b']),
      differs: fieldBase('A', { right: 'a' }),
      'one blank': fieldBase('A', { right: null }),
      flags: fieldBase(false, {
        doubt: true,
        held: 'hash',
        once: true,
        ring: [{ pair: 'p', side: 'right', human: false }],
      }),
      __proto__own: fieldBase('x'),
    }
    await store.commitPlans([putLink('k1'), { kind: 'set-base', link: 'k1', fields }])
    expect((await make.subjectOf(store, left('k1-l'))).base).toEqual(fields)
    await store.commitPlans([
      { kind: 'set-base', link: 'k1', fields: { plain: null, differs: fieldBase('B'), absent: null } },
    ])
    const { plain: _, ...rest } = fields
    expect((await make.subjectOf(store, left('k1-l'))).base).toEqual({ ...rest, differs: fieldBase('B') })
  })

  test('set-link changes what it names and leaves the rest', async () => {
    const store = await open()
    await store.commitPlans([putLink('k1', { right: null, state: 'half' })])
    await store.commitPlans([
      { kind: 'set-link', link: 'k1', right: 'new-r', state: 'live', versions: { right: 'v2' } },
    ])
    await store.commitPlans([{ kind: 'set-link', link: 'k1', left: null, rules: 'rules-2' }])
    expect((await make.subjectOf(store, right('new-r'))).link).toEqual({
      ...make.link('k1', { left: null, right: 'new-r', rules: 'rules-2' }),
      versions: { left: null, right: 'v2' },
      epoch: 3,
    })
    expect((await make.subjectOf(store, left('k1-l'))).link).toBeNull()
  })

  test('an epoch rises once per commit that touches the link', async () => {
    const store = await open()
    const made = await store.commitPlans([
      putLink('k1'),
      { kind: 'set-base', link: 'k1', fields: { email: fieldBase('a') } },
      putLink('k2'),
    ])
    expect([...made]).toEqual([
      ['k1', 1],
      ['k2', 1],
    ])
    const touched = await store.commitPlans([
      { kind: 'set-link', link: 'k1', state: 'paused' },
      { kind: 'set-base', link: 'k1', fields: {} },
      agree(left('k2-l'), 'f'),
    ])
    expect([...touched]).toEqual([['k1', 2]])
    expect((await make.subjectOf(store, left('k2-l'))).link?.epoch).toBe(1)
  })

  test.each([
    ['left of a live link', putLink('k9', { left: 'k1-l' })],
    ['right of a tomb', putLink('k9', { right: 'dead' })],
    ['the id itself', putLink('k1', { left: 'x', right: 'y' })],
    ['re-pointing to a taken record', { kind: 'set-link', link: 'k1', right: 'dead' }],
  ] satisfies [string, Change][])('a record belongs to one link (I7): %s', async (_, change) => {
    const store = await open()
    await store.commitPlans([putLink('k1'), putLink('k2', { left: null, right: 'dead', state: 'tomb' })])
    const commit = store.commitPlans([make.mark(left('rolled back')), change])
    await expect(commit).rejects.toThrow(LinkTaken)
    await expect(commit).rejects.toMatchObject({ invariant: 'I7' })
    expect(await claim(store)).toEqual([])
  })

  test('the same record may be linked in another mapping, and many links may wait for their other half', async () => {
    const store = await open()
    await store.commitPlans([
      putLink('k1', { right: null, state: 'half' }),
      putLink('k2', { right: null, state: 'half' }),
      putLink('k3', { left: 'k1-l', mapping: OTHER_MAPPING }),
    ])
    expect(await store.countLinks(MAPPING)).toBe(2)
  })

  test('a record may be set free and taken in one commit, and what else it says about the link still holds', async () => {
    const store = await open()
    await store.commitPlans([
      putLink('k1', { right: null, state: 'half' }),
      putLink('k2', { left: null, right: 'r', state: 'half' }),
    ])
    await store.commitPlans([
      { kind: 'set-base', link: 'k1', fields: { email: fieldBase('a') } },
      { kind: 'set-link', link: 'k1', versions: { left: 'v1' } },
      { kind: 'set-link', link: 'k2', right: null, state: 'unlinked' },
      { kind: 'set-link', link: 'k1', right: 'r', state: 'live' },
      { kind: 'set-link', link: 'k1', versions: { right: 'v2' } },
      { kind: 'set-base', link: 'k1', fields: { name: fieldBase('b') } },
    ])
    expect(await store.loadLinks({ links: ['k1', 'k2'] })).toMatchObject([
      {
        link: { right: 'r', state: 'live', epoch: 2, versions: { left: 'v1', right: 'v2' } },
        base: { email: fieldBase('a'), name: fieldBase('b') },
      },
      { link: { right: null, state: 'unlinked', epoch: 2 } },
    ])
  })

  test('a record that a half of a pair takes first and gives back is free for another one of the same commit', async () => {
    const store = await open()
    await store.commitPlans([
      putLink('k1', { right: null, state: 'half' }),
      putLink('k2', { right: null, state: 'half' }),
    ])
    await store.commitPlans([
      { kind: 'set-link', link: 'k1', right: 'r', state: 'live' },
      { kind: 'set-link', link: 'k1', right: null, state: 'half' },
      { kind: 'set-link', link: 'k2', right: 'r', state: 'live' },
    ])
    expect(await store.loadLinks({ links: ['k1', 'k2'] })).toMatchObject([
      { link: { right: null, state: 'half' } },
      { link: { right: 'r', state: 'live' } },
    ])
  })

  test('two halves that take the same record in one commit are refused, and nothing of it is kept', async () => {
    const store = await open()
    await store.commitPlans([
      putLink('k1', { right: null, state: 'half' }),
      putLink('k2', { right: null, state: 'half' }),
    ])
    const both = store.commitPlans([
      { kind: 'set-link', link: 'k1', right: 'r', state: 'live' },
      { kind: 'set-link', link: 'k2', right: 'r', state: 'live' },
    ])
    await expect(both).rejects.toThrow(LinkTaken)
    expect(await store.loadLinks({ links: ['k1', 'k2'] })).toMatchObject([
      { link: { right: null, epoch: 1 } },
      { link: { right: null, epoch: 1 } },
    ])
  })

  test.each([
    ['alone, and has a pair', 'k1-l', 'alone'],
    ['alone, and has a pair under the id that it was merged into', 'old', 'alone'],
    ['paired, and its pair ended', 'k2-l', 'pair'],
    ['paired, and is half of none', 'k3-l', 'pair'],
    ['paired, and nobody knows it', 'x', 'pair'],
  ] satisfies [string, string, 'alone' | 'pair'][])(
    'what a record is expected to be is asked first: %s',
    async (_, id, to) => {
      const store = await open()
      await store.commitPlans([
        putLink('k1'),
        putLink('k2', { state: 'unlinked' }),
        putLink('k3', { right: null, state: 'half' }),
        { kind: 'put-alias', mapping: MAPPING, side: 'left', from: 'old', to: 'k1-l', atMs: 0 },
      ])
      const expects = (meant: 'alone' | 'pair'): Change => {
        return { kind: 'expect', record: left(id), mappings: [OTHER_MAPPING, MAPPING], to: meant }
      }
      const commit = store.commitPlans([make.mark(left('rolled back')), expects(to)])
      await expect(commit).rejects.toThrow(LinkTaken)
      expect(await claim(store)).toEqual([])
      await store.commitPlans([make.mark(left('kept')), expects(to === 'pair' ? 'alone' : 'pair')])
      expect((await claim(store)).map((row) => row.id)).toEqual(['kept'])
    },
  )

  test('of what one commit says about a record the last word counts', async () => {
    const store = await open()
    const forget = (id: string): Change => ({ kind: 'forget-record', mapping: MAPPING, record: left(id) })
    await store.commitPlans([
      agree(left('a'), ''),
      agree(left('a'), 'print'),
      agree(left('b'), 'print'),
      forget('b'),
      forget('c'),
      agree(left('c'), 'print'),
    ])
    const agreed = async (id: string) => (await make.subjectOf(store, left(id))).agreed
    expect([await agreed('a'), await agreed('b'), await agreed('c')]).toEqual(['print', null, 'print'])
  })

  test('changing a link that does not exist is a bug, not a silent no-op', async () => {
    const store = await open()
    const set = store.commitPlans([{ kind: 'set-base', link: 'none', fields: {} }])
    await expect(set).rejects.toThrow(InvariantError)
  })

  test('aliases are followed to the end, and a circle ends', async () => {
    const store = await open()
    await store.commitPlans([putLink('k1', { left: 'c' }), alias('a', 'b'), alias('b', 'c')])
    expect(await make.subjectOf(store, left('a'))).toMatchObject({
      id: 'c',
      askedId: 'a',
      link: { id: 'k1' },
    })
    expect(await make.subjectOf(store, right('a'))).toMatchObject({ id: 'a', link: null })
    expect((await store.findLinks('a')).map((link) => link.id)).toEqual(['k1'])
    await store.commitPlans([alias('c', 'a')])
    expect((await make.subjectOf(store, left('a'))).askedId).toBe('a')
  })

  test('a dropped alias leaves the record its own id, and others their aliases', async () => {
    const store = await open()
    await store.commitPlans([putLink('k1', { left: 'c' }), alias('a', 'c'), alias('b', 'c')])
    await store.commitPlans([{ kind: 'drop-alias', mapping: MAPPING, record: left('a') }])
    expect(await make.subjectOf(store, left('a'))).toMatchObject({ id: 'a', askedId: 'a', link: null })
    expect(await make.subjectOf(store, left('b'))).toMatchObject({ id: 'c', link: { id: 'k1' } })
    await store.commitPlans([{ kind: 'drop-alias', mapping: MAPPING, record: right('b') }])
    expect((await make.subjectOf(store, left('b'))).id).toBe('c')
  })

  test('what went into a record is known over any number of merges, and a circle ends', async () => {
    const store = await open()
    await store.commitPlans([
      alias('a', 'c'),
      alias('b', 'c'),
      alias('c', 'd'),
      alias('x', 'y'),
      alias('y', 'x'),
    ])
    const request = { mapping: MAPPING, side: 'left', ids: ['d', 'c', 'y', 'nobody'] } as const
    const found = await store.mergedInto(request)
    expect(new Map([...found].map(([id, names]) => [id, names.toSorted()]))).toEqual(
      new Map([
        ['d', ['a', 'b', 'c']],
        ['c', ['a', 'b']],
        ['y', ['x']],
      ]),
    )
    expect(await store.mergedInto({ ...request, side: 'right' })).toEqual(new Map())
    expect(await store.mergedInto({ ...request, mapping: OTHER_MAPPING })).toEqual(new Map())
  })

  test('links of references are those that stand for two known records', async () => {
    const store = await open()
    await store.commitPlans([
      putLink('live'),
      putLink('paused', { state: 'paused' }),
      putLink('half', { state: 'half', right: null }),
      putLink('unlinked', { state: 'unlinked' }),
      putLink('tomb', { state: 'tomb' }),
      putLink('elsewhere', { mapping: OTHER_MAPPING }),
      alias('old', 'live-l'),
    ])
    const ids = ['live', 'paused', 'half', 'unlinked', 'tomb', 'elsewhere']
    const asked = [...ids.map((id) => `${id}-l`), 'old']
    expect(await store.linksOf({ mapping: MAPPING, side: 'left', ids: asked })).toEqual(
      new Map([
        ['live-l', 'live'],
        ['paused-l', 'paused'],
        ['old', 'live'],
      ]),
    )
    expect(await store.recordsOf({ mapping: MAPPING, side: 'right', links: ids })).toEqual(
      new Map([
        ['live', 'live-r'],
        ['paused', 'paused-r'],
      ]),
    )
  })

  test('a target that becomes linked releases whoever waits for it, once', async () => {
    const store = await open()
    const edge = (link: string, target: string) =>
      ({ targetMapping: OTHER_MAPPING, side: 'left', target, link, field: 'company' }) as const
    const wait = (link: string, ...targets: string[]): Change => ({
      kind: 'await-targets',
      link,
      field: 'company',
      sides: ['left'],
      edges: targets.map((target) => edge(link, target)),
      atMs: 600,
    })
    await store.commitPlans([
      putLink('k1'),
      putLink('k2', { left: null, state: 'half' }),
      putLink('k3'),
      wait('k1', 'acme', 'globex'),
      wait('k2', 'acme'),
      wait('k3', 'acme'),
      wait('k3', 'initech'),
    ])
    expect((await store.status(0)).waiting).toBe(3)
    const release: Change = {
      kind: 'release-waiting',
      targetMapping: OTHER_MAPPING,
      side: 'left',
      target: 'acme',
      atMs: 700,
    }
    await store.commitPlans([release])
    const released = await claim(store, { nowMs: 700 })
    expect(idsOf(released)).toEqual(['left:k1-l', 'right:k2-r'])
    expect(released[0]).toMatchObject({ reasons: ['released'], lane: 0 })
    expect((await store.status(0)).waiting).toBe(2)
    await store.commitPlans([...released.map(make.settle), release])
    expect(await claim(store)).toEqual([])
  })

  test('whoever would wait for a target that got its link meanwhile is released at once', async () => {
    const store = await open()
    await store.commitPlans([putLink('k1')])
    await store.commitPlans([
      putLink('acme', { mapping: OTHER_MAPPING }),
      {
        kind: 'await-targets',
        link: 'k1',
        field: 'company',
        sides: ['left'],
        edges: [
          { targetMapping: OTHER_MAPPING, side: 'left', target: 'acme-l', link: 'k1', field: 'company' },
        ],
        atMs: 700,
      },
    ])
    const released = await claim(store, { nowMs: 700 })
    expect(idsOf(released)).toEqual(['left:k1-l'])
    expect(released[0]).toMatchObject({ reasons: ['released'], lane: 0 })
    expect((await store.status(0)).waiting).toBe(0)
  })

  test('matching keys connect both sides, the strongest rule first', async () => {
    const store = await open()
    await store.commitPlans([putLink('k1', { left: 'l1', right: 'r9' })])
    await store.commitPlans([
      { kind: 'suppress', mapping: MAPPING, record: right('r2'), reason: 'merged-counterpart', atMs: 1 },
    ])
    const see = (side: 'left' | 'right', ...sightings: [string, ...string[]][]) =>
      store.recordReads({
        mapping: MAPPING,
        side,
        sightings: sightings.map(([id, ...keys]) => sighting(id, { keys })),
      })
    await see('left', ['l1', '0:a', '1:p'], ['l2', '0:b', '1:p'], ['alone', '0:z'], ['keyless'])
    await see('right', ['r1', '0:a', '0:c'], ['r2', '0:c'], ['r3', '1:p'])
    const [first, second, alone, keyless, unknown] = await store.components({
      mapping: MAPPING,
      records: [left('l1'), left('l2'), left('alone'), left('keyless'), right('unknown')],
      limit: 10,
    })
    expect(first).toEqual({
      record: left('l1'),
      rule: 0,
      members: [
        {
          ...left('l1'),
          link: { ...make.link('k1', { left: 'l1', right: 'r9' }), epoch: 1 },
          suppressed: false,
        },
        { ...right('r1'), link: null, suppressed: false },
        { ...right('r2'), link: null, suppressed: true },
      ],
      cut: false,
      outsiders: [],
    })
    expect(second?.rule).toBe(1)
    expect(idsOf(second?.members ?? [])).toEqual(['left:l1', 'left:l2', 'right:r3'])
    for (const lonely of [alone, keyless, unknown]) {
      expect(lonely).toMatchObject({ rule: null, members: [lonely?.record], cut: false })
    }
    // Keys are replaced by the next read, and stay within their mapping.
    await see('left', ['l1', '0:b'])
    await store.recordReads({
      mapping: OTHER_MAPPING,
      side: 'right',
      sightings: [sighting('x', { keys: ['0:b'] })],
    })
    const [moved] = await store.components({ mapping: MAPPING, records: [left('l1')], limit: 10 })
    expect(idsOf(moved?.members ?? [])).toEqual(['left:l1', 'left:l2'])
  })

  test('holders of keys are found on their side of their mapping; stamps connect nobody', async () => {
    const store = await open()
    const see = (mapping: string, side: Side, id: string, ...keys: string[]) =>
      store.recordReads({ mapping, side, sightings: [sighting(id, { keys })] })
    await see(MAPPING, 'right', 'r1', 'stamp:l1', '0:a')
    await see(MAPPING, 'right', 'r2', 'stamp:l1')
    await see(MAPPING, 'left', 'l2', 'stamp:l1')
    await see(OTHER_MAPPING, 'right', 'r3', 'stamp:l1')
    const keys = ['stamp:l1', 'stamp:nobody']
    expect(await store.holders({ mapping: MAPPING, side: 'right', keys })).toEqual(
      new Map([['stamp:l1', ['r1', 'r2']]]),
    )
    const [alone] = await store.components({ mapping: MAPPING, records: [right('r1')], limit: 10 })
    expect(alone).toMatchObject({ rule: null, members: [{ id: 'r1' }] })
  })

  test('who holds a key outside the scope connects nobody, and is named where the other side holds it', async () => {
    const store = await open()
    await store.commitPlans([putLink('k1', { left: 'l9', right: 'r1' })])
    const see = (side: Side, id: string, ...keys: string[]) =>
      store.recordReads({ mapping: MAPPING, side, sightings: [sighting(id, { keys })] })
    await see('left', 'l1', '0:a', '0:b')
    await see('left', 'l2', outsiderKey('0:a'))
    await see('left', 'l3', '0:a')
    await see('right', 'r1', outsiderKey('0:a'), outsiderKey('0:b'))
    await see('right', 'r2', outsiderKey('0:c'))
    const request = { mapping: MAPPING, records: [left('l1'), left('l2'), right('r1')], limit: 10 }
    const [inside, beside, outside] = await store.components(request)
    expect(idsOf(inside?.members ?? [])).toEqual(['left:l1', 'left:l3'])
    expect(inside?.outsiders).toMatchObject([{ ...right('r1'), link: { id: 'k1' }, suppressed: false }])
    for (const alone of [beside, outside]) {
      expect(alone).toMatchObject({ rule: null, members: [alone?.record], outsiders: [] })
    }
  })

  test('a component is cut at its limit', async () => {
    const store = await open()
    const sightings = Array.from({ length: 30 }, (_, i) =>
      sighting(`l${i}`, { keys: ['0:info@example.com'] }),
    )
    await store.recordReads({ mapping: MAPPING, side: 'left', sightings })
    const request = { mapping: MAPPING, records: [left('l7')] }
    const [cut] = await store.components({ ...request, limit: 5 })
    expect(cut).toMatchObject({ cut: true, rule: 0 })
    expect(cut?.members).toHaveLength(5)
    expect(cut?.members[0]).toMatchObject(left('l7'))
    const [whole] = await store.components({ ...request, limit: 30 })
    expect(whole).toMatchObject({ cut: false })
    expect(whole?.members).toHaveLength(30)
  })
}
