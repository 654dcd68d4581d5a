import { describe, expect, test } from 'vitest'
import type { CreateItem, UpdateItem, WriteOutcome } from '../../../src/connectors/writing.ts'
import type { FieldValues } from '../../../src/core/value.ts'
import { addField, sandbox, STAMP, UNIQUE_TEXT } from './sandbox.ts'

type Org = ReturnType<typeof sandbox>

const done = (outcomes: readonly WriteOutcome[]) => outcomes.filter(({ kind }) => kind === 'done')
const failed = (outcomes: readonly WriteOutcome[]) =>
  outcomes.filter((outcome): outcome is WriteOutcome & { kind: 'failed' } => outcome.kind === 'failed')

function stampedOrg(options: Parameters<typeof sandbox>[0] = {}): Org {
  const org = sandbox(options)
  for (const object of ['Account', 'Contact', 'Lead']) addField(org.model, `${object}.${STAMP}`, UNIQUE_TEXT)
  return org
}

const item = (n: number, values: FieldValues): CreateItem => ({
  writeId: `w${n}`,
  values: { LastName: `No ${n}`, [STAMP]: `rec-${n}`, ...values },
  stamp: { field: STAMP, value: `rec-${n}` },
})

const count = (org: Org, object: string) => Object.keys(org.model.dump()[object] ?? {}).length

describe('a removal', () => {
  test.each([
    ['Contact', { LastName: 'Ada' }],
    ['Opportunity', { Name: 'Deal', StageName: 'Prospecting', CloseDate: '2026-06-01' }],
  ])('keeps an account that would take a %s with it', async (object, values) => {
    const { connector, model } = sandbox()
    const make = (type: string, held: Record<string, unknown>) =>
      model.edit({ action: 'create', object: type, values: held }).id
    const [empty, kept] = [make('Account', { Name: 'Empty' }), make('Account', { Name: 'Kept' })]
    const child = make(object, { ...values, AccountId: kept })
    const items = [empty, kept].map((id) => ({ writeId: id, id, mode: 'archive' }) as const)
    expect(await connector.remove('Account', items)).toMatchObject([
      { kind: 'done', id: empty },
      { kind: 'failed', writeId: kept, error: { kind: 'rejected' } },
    ])
    expect(model.dump()['Account']?.[kept]?.state).toBe('live')
    expect(model.dump()[object]?.[child]?.state).toBe('live')
    model.edit({ action: 'update', object, id: child, values: { AccountId: null } })
    expect(await connector.remove('Account', items.slice(1))).toMatchObject([{ kind: 'done', id: kept }])
  })
})

describe('a collection', () => {
  test('of 200 rows with 7 bad ones stores 193, and says of the 7 what Salesforce says', async () => {
    const org = stampedOrg()
    const isBad = (n: number) => n % 30 === 0
    const items = Array.from({ length: 200 }, (_, n) =>
      item(n, { Email: isBad(n) ? `not an address ${n}` : `person${n}@example.org` }),
    )
    const outcomes = await org.connector.create('Contact', items)
    expect(done(outcomes)).toHaveLength(193)
    expect(failed(outcomes)).toHaveLength(7)
    for (const { writeId, error } of failed(outcomes)) {
      expect(isBad(Number(writeId.slice(1)))).toBe(true)
      expect(error).toMatchObject({ kind: 'rejected', code: 'INVALID_EMAIL_ADDRESS', fields: ['Email'] })
      expect(error.message).toContain('invalid email address')
      expect(error.message).not.toContain('not an address')
    }
    expect(org.requests.filter((route) => route.startsWith('PATCH'))).toHaveLength(1)
  })

  test('takes 200 rows a request', async () => {
    const org = stampedOrg()
    await org.connector.create(
      'Contact',
      Array.from({ length: 450 }, (_, n) => item(n, {})),
    )
    expect(org.requests.filter((route) => route.startsWith('PATCH'))).toHaveLength(3)
  })

  test('that fails as a whole for one row’s sake is cut until the others pass', async () => {
    const org = stampedOrg({ settings: { chunkFailure: 'Apex CPU time limit exceeded' } })
    const outcomes = await org.connector.create(
      'Contact',
      Array.from({ length: 8 }, (_, n) => item(n, {})),
    )
    expect(done(outcomes)).toHaveLength(8)
  })

  test('repeats rows that met somebody else’s lock, and only those', async () => {
    const org = stampedOrg({ settings: { lockRate: 0.4 } })
    const outcomes = await org.connector.create(
      'Contact',
      Array.from({ length: 50 }, (_, n) => item(n, {})),
    )
    expect(done(outcomes)).toHaveLength(50)
    expect(count(org, 'Contact')).toBe(50)
  })

  test('has an update that met a lock go back at once: the record has to be looked at before it is sent again', async () => {
    const org = stampedOrg()
    const { id } = org.model.edit({ action: 'create', object: 'Contact', values: { LastName: 'Held' } })
    org.model.settings.lockedRecords = [id]
    const before = org.requests.length
    const outcomes = await org.connector.update('Contact', [{ writeId: 'w', id, values: { Title: 'CTO' } }])
    expect(outcomes).toMatchObject([{ kind: 'failed', error: { kind: 'transient' } }])
    expect(org.requests.slice(before).filter((route) => route.startsWith('PATCH'))).toHaveLength(1)
  })

  test('gives up on a lock that stays, without stopping the rest', async () => {
    const org = stampedOrg()
    const [held, free] = [1, 2].map(
      (n) => org.model.edit({ action: 'create', object: 'Contact', values: { LastName: `No ${n}` } }).id,
    )
    org.model.settings.lockedRecords = [held!]
    const outcomes = await org.connector.update('Contact', [
      { writeId: 'held', id: held!, values: { Title: 'CTO' } },
      { writeId: 'free', id: free!, values: { Title: 'CTO' } },
    ])
    expect(new Map(outcomes.map((outcome) => [outcome.writeId, outcome]))).toMatchObject(
      new Map([
        ['held', { kind: 'failed', error: { kind: 'transient', code: 'UNABLE_TO_LOCK_ROW' } }],
        ['free', { kind: 'done' }],
      ]),
    )
  })

  test('has one change of a record, the next one has the next', async () => {
    const org = stampedOrg()
    const { id } = org.model.edit({ action: 'create', object: 'Contact', values: { LastName: 'X' } })
    const outcomes = await org.connector.update('Contact', [
      { writeId: 'first', id, values: { Title: 'CTO' } },
      { writeId: 'second', id, values: { Department: 'IT' } },
    ])
    expect(done(outcomes)).toHaveLength(2)
    const [reading] = await org.connector.read({
      object: 'Contact',
      ids: [id],
      fields: ['Title', 'Department'],
    })
    expect(reading).toMatchObject({ snapshot: { values: { Title: 'CTO', Department: 'IT' } } })
  })

  test('of siblings is never under way twice', async () => {
    const org = stampedOrg()
    const account = org.model.edit({ action: 'create', object: 'Account', values: { Name: 'A' } }).id
    let underWay = 0
    let most = 0
    const connector = org.connect(
      {},
      {
        through: (transport) => async (request, signal) => {
          if (request.method !== 'PATCH') return transport(request, signal)
          underWay += 1
          most = Math.max(most, underWay)
          await Promise.resolve()
          const answer = await transport(request, signal)
          underWay -= 1
          return answer
        },
      },
    )
    const reference = { AccountId: [{ object: 'Account', id: account }] }
    await Promise.all(Array.from({ length: 5 }, (_, n) => connector.create('Contact', [item(n, reference)])))
    expect(most).toBe(1)
  })
})

describe('a creation', () => {
  test('that arrived without an answer is found by its stamp', async () => {
    const org = stampedOrg()
    org.network.interruptNextWrite('applied')
    const [first] = await org.connector.create('Contact', [item(1, {})])
    expect(first).toMatchObject({ kind: 'failed', error: { kind: 'ambiguous' } })
    const [second] = await org.connector.create('Contact', [item(1, {})])
    expect(second).toMatchObject({ kind: 'done', image: { LastName: 'No 1', [STAMP]: 'rec-1' } })
    expect(count(org, 'Contact')).toBe(1)
  })

  test('does not go to a queue, and belongs to whom it says', async () => {
    const org = stampedOrg({ settings: { leadQueue: 'New Leads' } })
    const owner = org.model.edit({
      action: 'create',
      object: 'User',
      values: { LastName: 'Owner', Email: 'owner@example.org' },
    }).id
    const lead = (n: number, values: FieldValues) => item(n, { Company: 'X', ...values })
    const outcomes = await org.connector.create('Lead', [lead(1, {}), lead(2, { OwnerId: owner })])
    const ids = done(outcomes).flatMap((outcome) => (outcome.kind === 'done' ? [outcome.id] : []))
    const readings = await org.connector.read({ object: 'Lead', ids, fields: ['OwnerId'] })
    const owners = readings.map((reading) => reading.kind === 'found' && reading.snapshot.values['OwnerId'])
    expect(new Set(owners)).toEqual(new Set([org.model.identity.userId, owner]))
  })

  const rule = { Name: 'Name' }
  const alert = (action: 'alert' | 'block') => ({
    settings: {
      duplicateRules: [
        { name: 'R', object: 'Account', action, matching: [{ object: 'Account', fields: rule }] },
      ],
    },
  })
  const account = (n: number): CreateItem => ({
    writeId: `w${n}`,
    values: { Name: 'Same', [STAMP]: `rec-${n}` },
    stamp: { field: STAMP, value: `rec-${n}` },
  })

  test('that a duplicate rule warns of names the other record', async () => {
    const org = stampedOrg(alert('alert'))
    const other = org.model.edit({ action: 'create', object: 'Account', values: { Name: 'Same' } }).id
    const [outcome] = await org.connector.create('Account', [account(1)])
    expect(outcome).toMatchObject({
      kind: 'failed',
      error: { kind: 'not-unique', code: 'DUPLICATES_DETECTED', existingId: other },
    })
    expect(count(org, 'Account')).toBe(1)
  })

  test('is saved all the same where the operator wants that, unless the rule blocks', async () => {
    const warned = stampedOrg({ ...alert('alert'), writes: { allowDuplicates: true } })
    warned.model.edit({ action: 'create', object: 'Account', values: { Name: 'Same' } })
    expect(await warned.connector.create('Account', [account(1)])).toMatchObject([{ kind: 'done' }])
    const blocked = stampedOrg({ ...alert('block'), writes: { allowDuplicates: true } })
    blocked.model.edit({ action: 'create', object: 'Account', values: { Name: 'Same' } })
    expect(await blocked.connector.create('Account', [account(1)])).toMatchObject([
      { kind: 'failed', error: { kind: 'not-unique' } },
    ])
  })
})

describe('an update', () => {
  const edited = (org: Org, values: FieldValues): UpdateItem => {
    const { id } = org.model.edit({ action: 'create', object: 'Contact', values: { LastName: 'X' } })
    return { writeId: 'w', id, values }
  }

  test('answers with what automation made of it, where the last word is ours', async () => {
    const org = stampedOrg({
      settings: { flows: [{ object: 'Contact', when: "Title = 'cto'", set: { Title: 'Chief' } }] },
    })
    const [outcome] = await org.connector.update('Contact', [edited(org, { Title: 'cto' })])
    expect(outcome).toMatchObject({ kind: 'done', image: { Title: 'Chief' } })
  })

  test('does not take a faster person’s value for what it stored', async () => {
    const org = stampedOrg()
    const update = edited(org, { Title: 'ours' })
    let edits = 0
    const connector = org.connect(
      {},
      {
        through: (transport) => async (request, signal) => {
          const isReadBack = request.method === 'POST' && request.url.includes('/composite/sobjects/Contact')
          if (isReadBack && (edits += 1) === 1) {
            org.model.edit({
              action: 'update',
              object: 'Contact',
              id: update.id,
              values: { Title: 'theirs' },
            })
          }
          return transport(request, signal)
        },
      },
    )
    expect(await connector.update('Contact', [update])).toMatchObject([{ kind: 'done', image: {} }])
    expect(edits).toBe(1)
  })

  test('of a merged record is decided anew, and of a hidden parent says what is wrong', async () => {
    const org = stampedOrg()
    const [kept, merged] = ['Kept', 'Merged'].map(
      (LastName) => org.model.edit({ action: 'create', object: 'Contact', values: { LastName } }).id,
    )
    org.model.edit({
      action: 'merge',
      object: 'Contact',
      id: kept!,
      other: { object: 'Contact', id: merged! },
    })
    const nobody = [{ object: 'Account', id: '001000000000999AAA' }]
    const outcomes = await org.connector.update('Contact', [
      { writeId: 'merged', id: merged!, values: { Title: 'x' } },
      { writeId: 'parent', id: kept!, values: { AccountId: nobody } },
    ])
    const kinds = new Map(failed(outcomes).map(({ writeId, error }) => [writeId, error.kind]))
    expect(kinds).toEqual(
      new Map([
        ['merged', 'stale'],
        ['parent', 'rejected'],
      ]),
    )
  })

  test('names the record type only where it changes', async () => {
    const org = sandbox({ settings: { readOnlyFields: ['Opportunity.RecordTypeId'] } })
    for (const DeveloperName of ['Renewal', 'Partner']) {
      org.model.edit({
        action: 'create',
        object: 'RecordType',
        values: { SobjectType: 'Opportunity', DeveloperName, Name: DeveloperName },
      })
    }
    const { id } = org.model.edit({
      action: 'create',
      object: 'Opportunity',
      values: { Name: 'Deal', StageName: 'Prospecting', CloseDate: '2026-06-01' },
    })
    const [reading] = await org.connector.read({ object: 'Opportunity', ids: [id], fields: ['RecordTypeId'] })
    if (reading?.kind !== 'found') throw new Error('The deal is not there')
    const seen = reading.snapshot.values
    expect(['Partner', 'Renewal']).toContain(seen['RecordTypeId'])
    const write = (writeId: string, values: FieldValues): UpdateItem => ({ writeId, id, values, seen })
    expect(
      await org.connector.update('Opportunity', [write('a', { ...seen, StageName: 'Closed Won' })]),
    ).toMatchObject([{ kind: 'done', image: { ...seen, StageName: 'Closed Won' } }])
    const other = seen['RecordTypeId'] === 'Partner' ? 'Renewal' : 'Partner'
    expect(
      await org.connector.update('Opportunity', [
        write('b', { RecordTypeId: other, StageName: 'Closed Won' }),
      ]),
    ).toMatchObject([{ kind: 'failed', error: { code: 'INVALID_FIELD_FOR_INSERT_UPDATE' } }])
  })

  test('of a value that cannot be written is refused here, and stops nobody else', async () => {
    const org = stampedOrg()
    const one = edited(org, { Title: 'fine' })
    const other = { ...edited(org, { Nothing__c: 'x' }), writeId: 'unknown' }
    const outcomes = await org.connector.update('Contact', [one, other])
    expect(new Map(outcomes.map(({ writeId, kind }) => [writeId, kind]))).toEqual(
      new Map([
        ['unknown', 'failed'],
        ['w', 'done'],
      ]),
    )
  })
})

describe('conditional updates', () => {
  test('spare a record that moved on since the decision, 25 a request', async () => {
    const org = stampedOrg({ writes: { strict: true } })
    const ids = Array.from(
      { length: 30 },
      (_, n) => org.model.edit({ action: 'create', object: 'Contact', values: { LastName: `No ${n}` } }).id,
    )
    org.settle()
    const readings = await org.connector.read({ object: 'Contact', ids, fields: ['Title'] })
    const versions = new Map(
      readings.map((reading) => [
        reading.requestedId,
        reading.kind === 'found' ? reading.snapshot.version : null,
      ]),
    )
    org.settle()
    org.model.edit({ action: 'update', object: 'Contact', id: ids[3]!, values: { Title: 'theirs' } })
    const before = org.requests.length
    const outcomes = await org.connector.update(
      'Contact',
      ids.map((id) => ({ writeId: id, id, values: { Title: 'ours' }, version: versions.get(id) ?? null })),
    )
    expect(failed(outcomes)).toMatchObject([{ writeId: ids[3], error: { kind: 'stale' } }])
    expect(done(outcomes)).toHaveLength(29)
    const composites = org.requests
      .slice(before)
      .filter((route) => route === 'POST /services/data/{version}/composite')
    expect(composites).toHaveLength(2)
  })
})
