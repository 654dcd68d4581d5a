/** Contract: runs and what the journal keeps of them. */
import { expect, test } from 'vitest'
import type { Store } from '../../../src/store/store.ts'
import * as make from './samples.ts'
import { MAPPING, putLink } from './samples.ts'

export function runsContract(open: () => Promise<Store>): void {
  test('runs are listed newest first, with what each of them wrote', async () => {
    const store = await open()
    await store.commitPlans([putLink('k1'), putLink('k2')])
    await store.startRun({ id: 'r1', kind: 'sync', pairing: 'a-h', atMs: 1 })
    await store.commitPlans([
      make.journalEntry('k1', { run: 'r1' }),
      make.journalEntry('k2', { run: 'r1' }),
      make.journalEntry('k2', { run: 'r1', side: 'left', kind: 'create' }),
      make.journalEntry('k2', { run: 'r2' }),
    ])
    await store.endRun({ id: 'r1', atMs: 5, summary: { linked: '2' } })
    await store.startRun({ id: 'r2', kind: 'start', pairing: null, atMs: 6 })
    const first = {
      id: 'r1',
      kind: 'sync',
      pairing: 'a-h',
      startedMs: 1,
      endedMs: 5,
      summary: { linked: '2' },
      did: [
        { kind: 'create', mapping: MAPPING, side: 'left', count: 1 },
        { kind: 'update', mapping: MAPPING, side: 'right', count: 2 },
      ],
    }
    expect(await store.runs(9)).toMatchObject([
      { id: 'r2', endedMs: null, summary: null, did: [{ kind: 'update', side: 'right', count: 1 }] },
      first,
    ])
    expect(await store.runs(1)).toMatchObject([{ id: 'r2' }])
    expect(await store.run('r1')).toEqual(first)
    expect(await store.run('none')).toBeNull()
  })

  test('the journal of a run is read page by page, newest first, its own entries only', async () => {
    const store = await open()
    await store.commitPlans([putLink('k1')])
    const entries = ['one', 'two', 'three', 'four'].map((record, i) =>
      make.journalEntry('k1', { run: i === 2 ? 'other' : 'r1', record, before: { email: record } }),
    )
    await store.commitPlans(entries)
    const page = await store.runJournal({ run: 'r1', olderThan: null, limit: 2 })
    expect(page).toMatchObject([
      { record: 'four', run: 'r1', link: 'k1', before: { email: 'four' } },
      { record: 'two' },
    ])
    const olderThan = page.at(-1)?.id ?? null
    expect(await store.runJournal({ run: 'r1', olderThan, limit: 2 })).toMatchObject([{ record: 'one' }])
    expect(await store.runJournal({ run: 'none', olderThan: null, limit: 2 })).toEqual([])
  })

  test('the journal is followed from where one was, with what tells a first load from the rest', async () => {
    const store = await open()
    await store.startRun({ id: 'first', kind: 'sync', pairing: null, atMs: 1 })
    await store.commitPlans([
      putLink('k1'),
      make.journalEntry('k1', { run: 'first', kind: 'link' }),
      make.journalEntry('k1', { run: 'first', record: 'one' }),
      make.journalEntry('k2', { run: 'first', record: 'two' }),
      make.journalEntry('k1', { run: 'later', record: 'three' }),
    ])
    const page = await store.journalAfter({ after: 0, limit: 3 })
    expect(page).toMatchObject([
      { kind: 'link', ofNewPair: true },
      { record: 'one', link: 'k1', runKind: 'sync', ofNewPair: true, after: { email: 'ada@example.com' } },
      { record: 'two', link: 'k2', runKind: 'sync', ofNewPair: false },
    ])
    const after = page.at(-1)?.id ?? 0
    const rest = await store.journalAfter({ after, limit: 3 })
    expect(rest).toMatchObject([{ record: 'three', runKind: null, ofNewPair: false }])
    expect(await store.journalAfter({ after: rest.at(-1)?.id ?? 0, limit: 3 })).toEqual([])
  })

  test('a fact is kept together with what it is true of, or neither is', async () => {
    const store = await open()
    await store.commitPlans([make.journalEntry('k1'), { kind: 'remember', key: 'read/a', value: '1' }])
    expect(await store.meta('read/a')).toBe('1')
    const broken = store.commitPlans([
      { kind: 'remember', key: 'read/a', value: '2' },
      { kind: 'set-link', link: 'none', state: 'live' },
    ])
    await expect(broken).rejects.toThrow()
    expect(await store.meta('read/a')).toBe('1')
  })

  test('a run that never started does not end', async () => {
    const store = await open()
    await expect(store.endRun({ id: 'r2', atMs: 2, summary: null })).rejects.toThrow(/never started/)
  })
}
