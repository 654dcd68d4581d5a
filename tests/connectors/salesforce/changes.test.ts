import { describe, expect, test } from 'vitest'
import type { ChangesPage } from '../../../src/connectors/reading.ts'
import { DELAY_MS } from '../../../src/connectors/salesforce/changes.ts'
import { sandbox } from './sandbox.ts'

type Org = ReturnType<typeof sandbox>
type Changes = ChangesPage['changes']

/** Follows the feed of an object from now on. */
async function follow({ connector }: Org, object: string, settledMs = 0) {
  let { cursor } = await connector.changes({ object, cursor: null, settledMs })
  return async (): Promise<Changes> => {
    const changes: Changes[number][] = []
    for (;;) {
      const page = await connector.changes({ object, cursor, settledMs })
      cursor = page.cursor
      changes.push(...page.changes)
      if (!page.more) return changes
    }
  }
}

const create = ({ model }: Org, object: string, values: Record<string, unknown>) =>
  model.edit({ action: 'create', object, values }).id
const retitle = ({ model }: Org, id: string, Title: string) =>
  model.edit({ action: 'update', object: 'Contact', id, values: { Title } })

/** What was reported, each key once, as the engine sees it. */
const keysOf = (changes: Changes) => [
  ...new Set(changes.map(({ id, version, kind }) => `${id} ${version} ${kind}`)),
]
const idsOf = (changes: Changes) => [...new Set(changes.map(({ id }) => id))]

describe('the change feed', () => {
  test('begins now, and has nothing when nothing happens', async () => {
    const org = sandbox()
    create(org, 'Contact', { LastName: 'Before' })
    org.settle()
    const next = await follow(org, 'Contact')
    expect(await next()).toEqual([])
    org.settle()
    expect(await next()).toEqual([])
  })

  test('tells of records that were made and changed, with the version a read shows', async () => {
    const org = sandbox()
    const next = await follow(org, 'Contact')
    const id = create(org, 'Contact', { LastName: 'New' })
    org.settle()
    const changes = await next()
    expect(idsOf(changes)).toEqual([id])
    const [reading] = await org.connector.read({ object: 'Contact', ids: [id], fields: ['Title'] })
    expect(reading).toMatchObject({ kind: 'found', snapshot: { version: changes[0]?.version } })
  })

  test('of what has settled tells an hour later', async () => {
    const org = sandbox()
    const hour = 3_600_000
    const next = await follow(org, 'Contact', hour)
    const id = create(org, 'Contact', { LastName: 'New' })
    org.settle(hour / 2)
    expect(await next()).toEqual([])
    org.settle(hour / 2 + 60_000)
    expect(idsOf(await next())).toEqual([id])
  })

  test('waits until a second is over, so that no edit hides in one that was reported', async () => {
    const org = sandbox()
    const id = create(org, 'Contact', { LastName: 'New' })
    org.settle()
    const next = await follow(org, 'Contact')
    const seen: string[] = []
    // Edits of one second, with a look after each.
    for (const title of ['one', 'two', 'three']) {
      retitle(org, id, title)
      seen.push(...keysOf(await next()))
    }
    expect(seen).toEqual([])
    org.settle()
    expect(idsOf(await next())).toEqual([id])
    expect(await next()).toEqual([])
  })

  test('meets a row that is committed after the feed has passed its stamp', async () => {
    const org = sandbox({ settings: { commitDelayMs: [200_000, 200_000] } })
    const next = await follow(org, 'Contact')
    const id = create(org, 'Contact', { LastName: 'Slow' })
    // Its stamp is passed long before it shows.
    org.settle(100_000)
    expect(await next()).toEqual([])
    org.settle(120_000)
    expect(await next()).toEqual([])
    org.settle(DELAY_MS)
    expect(idsOf(await next())).toEqual([id])
  })

  test('reports no change twice under two keys', async () => {
    const org = sandbox()
    const next = await follow(org, 'Contact')
    create(org, 'Contact', { LastName: 'New' })
    const keys: string[] = []
    for (let minute = 0; minute < 10; minute += 1) {
      org.settle(60_000)
      keys.push(...keysOf(await next()))
    }
    expect(new Set(keys).size).toBe(1)
  })

  test('walks many rows of one second in pages', async () => {
    const org = sandbox()
    const next = await follow(org, 'Contact')
    const rows = 2_500
    const ids = Array.from({ length: rows }, (_, n) => create(org, 'Contact', { LastName: `No ${n}` }))
    org.settle()
    expect(idsOf(await next()).toSorted()).toEqual(ids.toSorted())
  })

  test('skips nothing when a page is shorter than asked', async () => {
    const org = sandbox({ settings: { shortQueryPages: 1, queryPageRows: 40 } })
    const next = await follow(org, 'Contact')
    const ids = Array.from({ length: 100 }, (_, n) => create(org, 'Contact', { LastName: `No ${n}` }))
    org.settle()
    expect(idsOf(await next()).toSorted()).toEqual(ids.toSorted())
  })

  test('tells of deletions, restorations and merges', async () => {
    const org = sandbox()
    const [kept, merged, deleted] = ['Kept', 'Merged', 'Deleted'].map((LastName) =>
      create(org, 'Contact', { LastName }),
    )
    org.settle()
    const next = await follow(org, 'Contact')
    org.model.edit({
      action: 'merge',
      object: 'Contact',
      id: kept!,
      other: { object: 'Contact', id: merged! },
    })
    org.model.edit({ action: 'delete', object: 'Contact', id: deleted! })
    org.settle()
    const kinds = new Map((await next()).map(({ id, kind }) => [id, kind]))
    expect(kinds).toEqual(
      new Map([
        [kept, 'changed'],
        [merged, 'removed'],
        [deleted, 'removed'],
      ]),
    )
    org.model.edit({ action: 'restore', object: 'Contact', id: deleted! })
    org.settle()
    expect(await next()).toMatchObject([{ id: deleted, kind: 'changed' }])
  })

  test('finds what was purged in the log of deletions', async () => {
    const org = sandbox()
    const id = create(org, 'Contact', { LastName: 'X' })
    org.settle()
    const next = await follow(org, 'Contact')
    org.model.edit({ action: 'delete', object: 'Contact', id })
    org.model.edit({ action: 'delete', object: 'Contact', id })
    org.settle(900_000)
    expect(await next()).toMatchObject([{ id, kind: 'removed' }])
    org.settle(900_000)
    expect(keysOf(await next()).length).toBeLessThanOrEqual(1)
  })

  test('tells that somebody joined an opportunity, or left it', async () => {
    const org = sandbox()
    const contact = create(org, 'Contact', { LastName: 'X' })
    const deal = create(org, 'Opportunity', { Name: 'D', StageName: 'Prospecting', CloseDate: '2026-06-01' })
    org.settle()
    const next = await follow(org, 'Opportunity')
    const other = { object: 'Contact', id: contact, label: 'Decision Maker' }
    org.model.edit({ action: 'associate', object: 'Opportunity', id: deal, other })
    org.settle()
    expect(idsOf(await next())).toEqual([deal])
    org.model.edit({ action: 'dissociate', object: 'Opportunity', id: deal, other })
    org.settle()
    expect(idsOf(await next())).toEqual([deal])
  })

  test('costs one request while nothing happens', async () => {
    const org = sandbox()
    const next = await follow(org, 'Opportunity')
    await next()
    org.settle(120_000)
    const before = org.requests.length
    await next()
    expect(org.requests.length - before).toBe(1)
  })

  test('of a cursor that is none says what to do', async () => {
    const { connector } = sandbox()
    await expect(connector.changes({ object: 'Contact', cursor: 'not ours' })).rejects.toMatchObject({
      kind: 'rejected',
      hint: expect.stringContaining('Reset'),
    })
  })
})
