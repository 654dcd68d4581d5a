import { describe, expect, test } from 'vitest'
import { sandbox } from './sandbox.ts'

type Org = ReturnType<typeof sandbox>

const make = ({ model }: Org, object: string, values: Record<string, unknown>) =>
  model.edit({ action: 'create', object, values }).id
const read = ({ connector }: Org, object: string, ids: readonly string[], fields: readonly string[] = []) =>
  connector.read({ object, ids, fields })
const origins = ({ connector }: Org, contact: string) =>
  connector.origins?.({ object: 'Contact', ids: [contact] })

describe('a converted lead', () => {
  const converted = () => {
    const org = sandbox()
    const lead = make(org, 'Lead', { LastName: 'Ada', Company: 'Engines' })
    const contact = org.model.edit({ action: 'convert', object: 'Lead', id: lead }).id
    org.settle()
    return { org, lead, contact }
  }

  test('has moved to its contact', async () => {
    const { org, lead, contact } = converted()
    expect(await read(org, 'Lead', [lead], ['LastName'])).toEqual([
      { kind: 'moved', requestedId: lead, to: { object: 'Contact', id: contact } },
    ])
  })

  test('is found as a contact by the id it had', async () => {
    const { org, lead, contact } = converted()
    expect(await read(org, 'Contact', [lead], ['LastName'])).toMatchObject([
      { kind: 'found', requestedId: lead, snapshot: { key: { object: 'Contact', id: contact } } },
    ])
  })

  test('that was put into the bin has moved to its contact all the same', async () => {
    const { org, lead, contact } = converted()
    org.model.edit({ action: 'delete', object: 'Lead', id: lead })
    expect(await read(org, 'Lead', [lead], ['LastName'])).toEqual([
      { kind: 'moved', requestedId: lead, to: { object: 'Contact', id: contact } },
    ])
    expect(await read(org, 'Contact', [lead], ['LastName'])).toMatchObject([
      { kind: 'found', requestedId: lead, snapshot: { key: { object: 'Contact', id: contact } } },
    ])
    expect(await origins(org, contact)).toEqual(new Map([[contact, [{ object: 'Lead', id: lead }]]]))
  })

  test('that was put into the bin says less of its contact than one that was not', async () => {
    const { org, lead, contact } = converted()
    const other = make(org, 'Lead', { LastName: 'Ada', Company: 'Engines' })
    org.model.edit({ action: 'convert', object: 'Lead', id: other, values: { contactId: contact } })
    org.model.edit({ action: 'delete', object: 'Lead', id: other })
    const both = [other, lead].map((id) => ({ object: 'Lead', id }))
    expect(await origins(org, contact)).toEqual(new Map([[contact, both]]))
  })

  test('whose contact was merged since leads to the survivor', async () => {
    const { org, lead, contact } = converted()
    const other = make(org, 'Contact', { LastName: 'Other' })
    org.model.edit({
      action: 'merge',
      object: 'Contact',
      id: other,
      other: { object: 'Contact', id: contact },
    })
    expect(await read(org, 'Contact', [lead], ['LastName'])).toMatchObject([
      { kind: 'found', snapshot: { key: { id: other } } },
    ])
  })

  test('whose contact was deleted since is gone', async () => {
    const { org, lead, contact } = converted()
    org.model.edit({ action: 'delete', object: 'Contact', id: contact })
    expect(await read(org, 'Contact', [lead], ['LastName'])).toMatchObject([
      { kind: 'gone', requestedId: lead },
    ])
  })
})

describe('a record that is not there', () => {
  test('leads through any number of merges to who is left', async () => {
    const org = sandbox()
    const ids = Array.from({ length: 5 }, (_, n) => make(org, 'Contact', { LastName: `No ${n}` }))
    for (let n = 1; n < ids.length; n += 1) {
      const other = { object: 'Contact', id: ids[n - 1]! }
      org.model.edit({ action: 'merge', object: 'Contact', id: ids[n]!, other })
    }
    const last = ids.at(-1)!
    expect(await read(org, 'Contact', [ids[0]!])).toMatchObject([
      { kind: 'found', snapshot: { key: { id: last } } },
    ])
    org.model.edit({ action: 'delete', object: 'Contact', id: last })
    expect(await read(org, 'Contact', [ids[0]!])).toMatchObject([{ kind: 'gone', how: 'archived' }])
  })

  test('is in the bin, or gone from it', async () => {
    const org = sandbox()
    const [binned, purged] = ['Binned', 'Purged'].map((LastName) => make(org, 'Contact', { LastName }))
    for (const id of [binned!, purged!, purged!]) org.model.edit({ action: 'delete', object: 'Contact', id })
    const readings = await read(org, 'Contact', [binned!, purged!])
    expect(new Map(readings.map((reading) => [reading.requestedId, reading]))).toMatchObject(
      new Map([
        [binned, { kind: 'gone', how: 'archived' }],
        [purged, { kind: 'gone', how: 'deleted' }],
      ]),
    )
    org.model.edit({ action: 'restore', object: 'Contact', id: binned! })
    expect(await read(org, 'Contact', [binned!])).toMatchObject([{ kind: 'found' }])
  })

  test('says nothing when the id is of another object, and is gone when it is none', async () => {
    const org = sandbox()
    const account = make(org, 'Account', { Name: 'A' })
    const readings = await read(org, 'Contact', [account, 'not-an-id'])
    expect(readings.map(({ kind }) => kind)).toEqual(['hidden', 'gone'])
  })

  test('is asked about in a few requests, however many there are', async () => {
    const org = sandbox()
    const ids = Array.from({ length: 300 }, (_, n) => make(org, 'Contact', { LastName: `No ${n}` }))
    for (const id of ids.slice(0, 100)) org.model.edit({ action: 'delete', object: 'Contact', id })
    await read(org, 'Contact', ids)
    const before = org.requests.length
    const readings = await read(org, 'Contact', ids)
    expect(Map.groupBy(readings, ({ kind }) => kind).get('gone')).toHaveLength(100)
    expect(org.requests.length - before).toBe(2)
  })
})

describe('versions', () => {
  const version = async (org: Org, id: string) => {
    const [reading] = await read(org, 'Contact', [id], ['Title'])
    return reading?.kind === 'found' ? reading.snapshot.version : null
  }
  const retitle = (org: Org, id: string, Title: string) =>
    org.model.edit({ action: 'update', object: 'Contact', id, values: { Title } })

  test('tell edits of one second apart by never being equal while it lasts', async () => {
    const org = sandbox()
    const id = make(org, 'Contact', { LastName: 'X' })
    org.settle()
    retitle(org, id, 'one')
    const first = await version(org, id)
    retitle(org, id, 'two')
    const second = await version(org, id)
    org.settle()
    const settled = await version(org, id)
    expect(new Set([first, second, settled]).size).toBe(3)
    expect(await version(org, id)).toBe(settled)
  })

  test('tell our write from a person’s of the same second', async () => {
    const org = sandbox()
    const id = make(org, 'Contact', { LastName: 'X' })
    org.settle()
    await org.connector.update('Contact', [{ writeId: 'w', id, values: { Title: 'ours' } }])
    const ours = await (async () => {
      org.settle()
      return version(org, id)
    })()
    retitle(org, id, 'theirs')
    org.settle()
    expect(await version(org, id)).not.toBe(ours)
  })
})

describe('evidence', () => {
  test('is of the whole record, and says so', async () => {
    const org = sandbox()
    const id = make(org, 'Contact', { LastName: 'X', Title: 'CTO' })
    const records = [{ id, fields: ['Title', 'LastName'] }]
    const evidence = (await org.connector.evidence({ object: 'Contact', records })).get(id)
    expect(evidence?.['Title']).toEqual({
      at: expect.stringMatching(/^2026-05-01T/),
      actor: { kind: 'human', id: expect.stringMatching(/^005/) },
      notBefore: null,
    })
    expect(evidence?.['LastName']).toEqual(evidence?.['Title'])
  })
})

describe('a listing', () => {
  test('goes on by what it has seen, when rows come and go meanwhile and pages are short', async () => {
    const org = sandbox({ settings: { shortQueryPages: 1, queryPageRows: 30 } })
    const ids = Array.from({ length: 100 }, (_, n) => {
      if (n % 7 === 0) org.settle(1_000)
      return make(org, 'Contact', { LastName: `No ${n}` })
    })
    org.settle()
    const seen: string[] = []
    let cursor: string | null = null
    let pages = 0
    do {
      const page = await org.connector.list({ object: 'Contact', fields: ['LastName'], cursor })
      seen.push(...page.records.map(({ key }) => key.id))
      cursor = page.next
      pages += 1
      // Cursors of the vendor would be dead by now.
      org.settle(20 * 60_000)
      const first = ids[pages]
      if (pages < 4) org.model.edit({ action: 'delete', object: 'Contact', id: first! })
    } while (cursor !== null)
    expect(new Set(seen).size).toBe(seen.length)
    expect(ids.slice(30).filter((id) => !seen.includes(id))).toEqual([])
  })
})

test('users are people, by lower-case e-mail address', async () => {
  const org = sandbox()
  org.model.edit({
    action: 'create',
    object: 'User',
    values: { LastName: 'Owner', Email: 'Owner@Example.org' },
  })
  const gone = org.model.edit({
    action: 'create',
    object: 'User',
    values: { LastName: 'Gone', Email: 'gone@example.org' },
  })
  org.model.edit({ action: 'delete', object: 'User', id: gone.id })
  const users = new Map((await org.connector.users()).map(({ email, active }) => [email, active]))
  expect(users.get('owner@example.org')).toBe(true)
  expect(users.get('gone@example.org')).toBe(false)
})
