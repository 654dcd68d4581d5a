import { describe, expect, test } from 'vitest'
import { OVERLAP_MS } from '../../../src/connectors/hubspot/changes.ts'
import { json, NOW_MS, row, scripted, type Sent } from './scripted.ts'

interface Search {
  readonly filterGroups: readonly [
    { readonly filters: readonly { propertyName: string; operator: string; value: string }[] },
  ]
  readonly sorts: readonly [string]
  readonly limit: number
}

/** A search index over rows of (id, modification time), strict about what it is asked. */
function index(rows: readonly { id: number; at: number }[], property = 'lastmodifieddate') {
  const searches: Search[] = []
  const answer = (request: Sent) => {
    const search = request.body as Search
    searches.push(search)
    const holds = (each: { id: number; at: number }) =>
      search.filterGroups[0].filters.every(({ propertyName, operator, value }) => {
        const own = propertyName === 'hs_object_id' ? each.id : each.at
        if (operator === 'EQ') return own === Number(value)
        if (operator === 'LT') return own < Number(value)
        return operator === 'GT' ? own > Number(value) : own >= Number(value)
      })
    const byTime = search.sorts[0] === property
    const hits = rows.filter(holds).toSorted((a, b) => (byTime ? a.at - b.at || b.id - a.id : a.id - b.id))
    const page = hits.slice(0, search.limit)
    return json(200, {
      total: hits.length,
      results: page.map(({ id, at }) => row(String(id), { [property]: new Date(at).toISOString() })),
      ...(hits.length > page.length && { paging: { next: { after: String(search.limit) } } }),
    })
  }
  return { answer, searches }
}

const SEARCH = 'POST /crm/v3/objects/contacts/search'

async function pass(
  connector: ReturnType<typeof scripted>['connector'],
  cursor: string,
  object = 'contacts',
  settledMs = 0,
) {
  const seen: { id: string; at: string | null }[] = []
  for (let next = cursor; ;) {
    const page = await connector.changes({ object, cursor: next, settledMs })
    seen.push(...page.changes)
    next = page.cursor
    if (!page.more) return { ids: new Set(seen.map(({ id }) => id)), seen, cursor: next }
  }
}

async function start(connector: ReturnType<typeof scripted>['connector'], object = 'contacts') {
  const { cursor, changes, more } = await connector.changes({ object, cursor: null })
  expect({ changes, more }).toEqual({ changes: [], more: false })
  return cursor
}

describe('the change feed', () => {
  test('begins a little before now, without asking', async () => {
    const { connector, sent } = scripted({})
    const cursor = await start(connector)
    expect(JSON.parse(cursor)).toEqual({ since: NOW_MS - OVERLAP_MS, pass: null })
    expect(sent).toEqual([])
  })

  test('uses the modification time that the object really has', async () => {
    const { answer, searches } = index([{ id: 1, at: NOW_MS }], 'hs_lastmodifieddate')
    const { connector } = scripted({ 'POST /crm/v3/objects/deals/search': answer })
    const { seen } = await pass(connector, await start(connector, 'deals'), 'deals')
    expect(seen).toEqual([{ id: '1', at: new Date(NOW_MS).toISOString(), kind: 'changed' }])
    expect(searches[0]?.sorts).toEqual(['hs_lastmodifieddate'])
  })

  test('walks any number of rows without an offset, none left out', async () => {
    const rows = Array.from({ length: 1_234 }, (_, n) => ({
      id: n + 1,
      at: NOW_MS - 60_000 + Math.floor(n / 7),
    }))
    const { answer, searches } = index(rows)
    const { connector } = scripted({ [SEARCH]: answer })
    const { ids } = await pass(connector, await start(connector))
    expect(ids.size).toBe(rows.length)
    for (const search of searches) expect(search).not.toHaveProperty('after')
  })

  test('gets past a bulk edit that gave thousands of rows one time', async () => {
    const bulk = Array.from({ length: 900 }, (_, n) => ({ id: n + 1, at: NOW_MS - 50_000 }))
    const later = Array.from({ length: 300 }, (_, n) => ({ id: n + 5_000, at: NOW_MS - 40_000 + n }))
    const { connector } = scripted({ [SEARCH]: index([...bulk, ...later]).answer })
    const { ids } = await pass(connector, await start(connector))
    expect(ids.size).toBe(1_200)
  })

  test('starts again an overlap before the last pass began, never later', async () => {
    const { answer } = index([
      { id: 1, at: NOW_MS - 100_000 },
      { id: 2, at: NOW_MS + 30_000 },
    ])
    const { connector, runtime } = scripted({ [SEARCH]: answer })
    const begin = await start(connector)
    await runtime.sleep(60_000)
    const { cursor } = await pass(connector, begin)
    expect(JSON.parse(cursor)).toEqual({ since: NOW_MS + 60_000 - OVERLAP_MS, pass: null })
  })

  test('starts behind the newest row once that is older than the overlap', async () => {
    const newest = NOW_MS - 100_000
    const { connector, runtime } = scripted({ [SEARCH]: index([{ id: 1, at: newest }]).answer })
    const begin = await start(connector)
    await runtime.sleep(600_000)
    const { cursor, ids } = await pass(connector, begin)
    expect(ids.size).toBe(1)
    expect(JSON.parse(cursor)).toEqual({ since: newest + 1, pass: null })
    expect((await pass(connector, cursor)).seen).toEqual([])
  })

  test('does not move when it sees nothing', async () => {
    const { connector, runtime } = scripted({ [SEARCH]: index([]).answer })
    const begin = await start(connector)
    await runtime.sleep(3_600_000)
    expect((await pass(connector, begin)).cursor).toBe(begin)
  })

  test('does not skip rows of the newest time when a page comes empty though more should follow', async () => {
    const at = new Date(NOW_MS - 110_000).toISOString()
    let turn = 0
    const { connector, runtime } = scripted({
      [SEARCH]: () => {
        turn += 1
        const results = turn === 1 ? [row('1', { lastmodifieddate: at })] : []
        return json(200, { total: 400, results, paging: { next: { after: '200' } } })
      },
    })
    const begin = await start(connector)
    await runtime.sleep(600_000)
    const { cursor } = await pass(connector, begin)
    expect(JSON.parse(cursor)).toEqual({ since: Date.parse(at), pass: null })
  })

  test('goes on from a cursor in the middle of a pass after a restart', async () => {
    const rows = Array.from({ length: 500 }, (_, n) => ({ id: n + 1, at: NOW_MS - 60_000 + n }))
    const before = scripted({ [SEARCH]: index(rows).answer })
    const first = await before.connector.changes({
      object: 'contacts',
      cursor: await start(before.connector),
    })
    expect(first.more).toBe(true)
    const after = scripted({ [SEARCH]: index(rows).answer })
    const { ids } = await pass(after.connector, first.cursor)
    expect(new Set([...first.changes.map(({ id }) => id), ...ids]).size).toBe(500)
  })

  test('refuses a cursor that is not its own', async () => {
    const { connector } = scripted({})
    await expect(connector.changes({ object: 'contacts', cursor: '{"x":1}' })).rejects.toMatchObject({
      kind: 'rejected',
    })
  })
})

describe('the delayed feed', () => {
  const HOUR_MS = 3_600_000

  test('shows what was changed an hour ago, and nothing newer', async () => {
    const rows = [
      { id: 1, at: NOW_MS - HOUR_MS - 60_000 },
      { id: 2, at: NOW_MS - HOUR_MS - 1 },
      { id: 3, at: NOW_MS - HOUR_MS },
      { id: 4, at: NOW_MS - 1_000 },
    ]
    const { answer, searches } = index(rows)
    const { connector } = scripted({ [SEARCH]: answer })
    const { cursor } = await connector.changes({ object: 'contacts', cursor: null, settledMs: HOUR_MS })
    expect(searches).toEqual([])
    const { ids, cursor: next } = await pass(connector, cursor, 'contacts', HOUR_MS)
    expect(ids).toEqual(new Set(['1', '2']))
    // Where the next pass begins lies an overlap behind, as ever.
    expect(JSON.parse(next)).toEqual({ since: NOW_MS - HOUR_MS - OVERLAP_MS, pass: null })
  })

  test('walks past more rows of one time than a page holds', async () => {
    const at = NOW_MS - HOUR_MS - 30_000
    const rows = Array.from({ length: 450 }, (_, i) => ({ id: i + 1, at }))
    const { connector } = scripted({ [SEARCH]: index(rows).answer })
    const { cursor } = await connector.changes({ object: 'contacts', cursor: null, settledMs: HOUR_MS })
    expect((await pass(connector, cursor, 'contacts', HOUR_MS)).ids.size).toBe(450)
  })
})
