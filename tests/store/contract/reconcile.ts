/** Contract: links, bases and origins; what a commit changes and what loading shows. */
import { expect, test } from 'vitest'
import { InvariantError } from '../../../src/errors.ts'
import type { LinkBase } from '../../../src/core/base.ts'
import type { Evidence } from '../../../src/core/record.ts'
import type { Change } from '../../../src/store/change.ts'
import { LinkTaken } from '../../../src/store/links.ts'
import type { Store } from '../../../src/store/store.ts'
import * as make from './samples.ts'
import { agree, claim, fieldBase, left, MAPPING, OTHER_MAPPING, putLink, right } from './samples.ts'

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
}
