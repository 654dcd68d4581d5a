/**
 * The contract of `src/connectors/connector.ts` as a test suite: what the engine relies on, for every vendor
 * alike. A connector's own tests call `connectorContract` with a way to set up a fresh, empty account.
 */
import { beforeEach, describe, expect, test } from 'vitest'
import type { ConnectorError } from '../../../src/errors.ts'
import type { Reading } from '../../../src/connectors/reading.ts'
import type { WriteOutcome } from '../../../src/connectors/writing.ts'
import type { Lane } from '../../../src/core/lane.ts'
import type { RecordId, Snapshot } from '../../../src/core/record.ts'
import type { FieldValues } from '../../../src/core/value.ts'
import { isBlank, isList } from '../../../src/core/value.ts'
import type { ConnectorFixture } from './fixture.ts'
import { webhookContract } from './webhook-contract.ts'

export function connectorContract(
  vendor: string,
  setUp: () => ConnectorFixture | Promise<ConnectorFixture>,
  { pushes = true }: { readonly pushes?: boolean } = {},
): void {
  describe(`${vendor} keeps the connector contract`, () => {
    let at: ConnectorFixture
    beforeEach(async () => {
      at = await setUp()
    })

    const fields = () => [at.sample.text, at.sample.key]

    const read = async (id: RecordId): Promise<Reading> => {
      const readings = await at.connector.read({ object: at.sample.object, ids: [id], fields: fields() })
      expect(readings).toHaveLength(1)
      return readings[0]!
    }

    const found = async (id: RecordId): Promise<Snapshot> => {
      const reading = await read(id)
      expect(reading).toMatchObject({ kind: 'found', requestedId: id })
      return (reading as Reading & { kind: 'found' }).snapshot
    }

    const create = async (n: number, more: FieldValues = {}) =>
      only(
        await at.connector.create(at.sample.object, [
          { writeId: `create-${n}`, values: { ...at.sample.values(n), ...more }, stamp: null },
        ]),
      )

    const created = async (n: number, more: FieldValues = {}): Promise<RecordId> =>
      done(await create(n, more)).id

    const update = async (id: RecordId, values: FieldValues) =>
      only(await at.connector.update(at.sample.object, [{ writeId: `update-${id}`, id, values }]))

    const findKeys = async (ns: readonly number[]) =>
      at.connector.find({
        object: at.sample.object,
        field: at.sample.key,
        values: ns.map((n) => at.sample.keyOf(n)),
        fields: [at.sample.key],
      })

    describe('a view in another lane', () => {
      test('puts its lane on every request, and asks nothing that another view has learned', async () => {
        const id = await created(1)
        const readIn = async (lane: Lane) => {
          const before = at.network.requests.length
          const view = at.connector.inLane(lane)
          await view.read({ object: at.sample.object, ids: [id], fields: fields() })
          return at.network.requests.slice(before).map((request) => request.lane)
        }
        // The first read after a creation may have to wait for replicas to catch up.
        await readIn(0)
        const interactive = await readIn(0)
        expect(new Set(interactive)).toEqual(new Set([0]))
        expect(await readIn(3)).toEqual(interactive.map(() => 3))
        expect(await readIn(1)).toEqual(interactive.map(() => 1))
      })

      test('writes, and is the same actor', async () => {
        at.connector.self.remember('us')
        const backfill = at.connector.inLane(3)
        expect(backfill.self.id()).toBe('us')
        const before = at.network.requests.length
        const outcome = only(
          await backfill.create(at.sample.object, [
            { writeId: 'w', values: at.sample.values(1), stamp: null },
          ]),
        )
        await found(done(outcome).id)
        expect(at.network.requests.slice(before).some(({ lane }) => lane === 3)).toBe(true)
        expect(backfill.inLane(0)).toBe(at.connector)
      })

      test('can be in a hurry besides, and either is kept when the other changes', async () => {
        const before = at.network.requests.length
        const hurried = at.connector.inLane(2).hurried(500)
        const { id } = done(
          only(
            await hurried.create(at.sample.object, [
              { writeId: 'w', values: at.sample.values(2), stamp: null },
            ]),
          ),
        )
        await hurried.inLane(1).read({ object: at.sample.object, ids: [id], fields: fields() })
        const sent = at.network.requests.slice(before)
        // What is learned once for all views is asked by none of them.
        expect(sent.some(({ lane, patienceMs }) => lane === 2 && patienceMs === 500)).toBe(true)
        expect(sent.at(-1)).toMatchObject({ lane: 1, patienceMs: 500 })
        expect(hurried.inLane(2)).toBe(hurried)
      })
    })

    describe('the account', () => {
      test('says who we are', async () => {
        const account = await at.connector.account()
        expect(account.id).not.toBe('')
      })

      test('lacks no scope for the sample object', async () => {
        for (const write of [false, true]) {
          expect(await at.connector.missingScopes({ object: at.sample.object, write })).toEqual([])
        }
      })

      test('refuses an unknown token as unauthorized', async () => {
        await expect(at.strangersConnector.account()).rejects.toMatchObject({
          name: 'ConnectorError',
          kind: 'unauthorized',
        })
      })

      test('has people with lower-case e-mail addresses', async () => {
        const users = await at.connector.users()
        expect(users.length).toBeGreaterThan(0)
        for (const { email } of users) expect(email).toBe(email.toLowerCase())
      })
    })

    describe('describe', () => {
      test('shows the fields of the sample', async () => {
        const schema = await at.connector.describe(at.sample.object)
        expect(schema.object).toBe(at.sample.object)
        expect(schema.fields.get(at.sample.text)).toMatchObject({
          name: at.sample.text,
          type: 'text',
          multiple: false,
          readOnly: false,
          channel: 'value',
        })
        expect(schema.fields.has(at.sample.key)).toBe(true)
      })

      test('tells a switched-off object from one that does not exist', async () => {
        await expect(at.connector.describe('no_such_object')).rejects.toMatchObject({ kind: 'not-found' })
        if (at.switchedOff === null) return
        await expect(at.connector.describe(at.switchedOff)).rejects.toMatchObject({ kind: 'unavailable' })
      })
    })

    describe('list', () => {
      test('walks every record once around, oldest first', async () => {
        const ids = [1, 2, 3].map((n) => {
          const id = at.person.create(n)
          at.settle()
          return id
        })
        const seen: RecordId[] = []
        let cursor: string | null = null
        do {
          const page = await at.connector.list({ object: at.sample.object, fields: fields(), cursor })
          for (const record of page.records) {
            expect(Object.keys(record.values).toSorted()).toEqual(fields().toSorted())
            seen.push(record.key.id)
          }
          cursor = page.next
        } while (cursor !== null)
        expect(seen.filter((id) => ids.includes(id))).toEqual(ids)
      })

      test('the recycle bin holds what was archived, and nothing else', async () => {
        const id = at.person.create(1)
        const kept = at.person.create(2)
        at.settle()
        at.person.remove(id)
        at.settle()
        const bin = await at.connector.list({
          object: at.sample.object,
          fields: fields(),
          cursor: null,
          archived: true,
        })
        const binned = bin.records.map((record) => record.key.id)
        expect(binned.includes(id)).toBe(at.connector.capabilities.archives)
        expect(binned).not.toContain(kept)
      })
    })

    describe('read', () => {
      test('gives a record as it is now, with a version that changes when it does', async () => {
        const id = at.person.create(1)
        at.settle()
        const before = await found(id)
        expect(before.key).toEqual({ connection: at.connector.connection, object: at.sample.object, id })
        expect(before.values[at.sample.text]).toBeNull()
        expect((await found(id)).version).toBe(before.version)

        at.settle()
        at.person.setText(id, 'hello')
        const after = await found(id)
        expect(after.values[at.sample.text]).toBe('hello')
        if (before.version !== null) expect(after.version).not.toBe(before.version)
        if (at.connector.capabilities.versions === 'ordered')
          expect(after.version! > before.version!).toBe(true)
      })

      test('answers once per distinct id', async () => {
        const ids = [at.person.create(1), at.person.create(2)]
        at.settle()
        const readings = await at.connector.read({
          object: at.sample.object,
          ids: [...ids, ids[0]!],
          fields: [at.sample.key],
        })
        expect(readings.map(({ requestedId }) => requestedId).toSorted()).toEqual(ids.toSorted())
      })

      test('knows a removed record as gone, beside one that is there', async () => {
        const removed = at.person.create(1)
        const kept = at.person.create(2)
        at.settle()
        at.person.remove(removed)
        at.settle()
        const readings = await at.connector.read({
          object: at.sample.object,
          ids: [removed, kept],
          fields: [at.sample.key],
        })
        expect(new Map(readings.map(({ requestedId, kind }) => [requestedId, kind]))).toEqual(
          new Map([
            [removed, 'gone'],
            [kept, 'found'],
          ]),
        )
        expect(await read(removed)).toMatchObject({ kind: 'gone' })
      })

      test('never shows a merged record under its old id', async () => {
        const primary = at.person.create(1)
        const secondary = at.person.create(2)
        at.settle()
        const survivor = at.person.merge(primary, secondary)
        at.settle()
        expect((await found(survivor)).key.id).toBe(survivor)
        for (const id of [primary, secondary].filter((each) => each !== survivor)) {
          const reading = await read(id)
          if (reading.kind === 'found') expect(reading.snapshot.key.id).toBe(survivor)
          else expect(reading.kind).toBe('gone')
        }
      })

      test('of nothing is nothing', async () => {
        expect(await at.connector.read({ object: at.sample.object, ids: [], fields: [] })).toEqual([])
      })
    })

    describe('find', () => {
      test('answers with every record that holds one of the values, as soon as it was written', async () => {
        const first = await created(1)
        const second = await created(2)
        await created(3)
        const records = await findKeys([1, 2, 99])
        expect(records.map((record) => record.key.id).toSorted()).toEqual([first, second].toSorted())
      })

      test('does not answer with a removed record', async () => {
        const id = at.person.create(1)
        at.settle()
        at.person.remove(id)
        expect(await findKeys([1])).toEqual([])
      })
    })

    describe('create', () => {
      test('answers with what was stored, as a later read shows it', async () => {
        const outcome = done(await create(1, { [at.sample.text]: 'hello' }))
        const snapshot = await found(outcome.id)
        expect(snapshot.values[at.sample.text]).toBe('hello')
        for (const [field, value] of Object.entries(outcome.image)) {
          if (field in snapshot.values) expect(value).toEqual(snapshot.values[field])
        }
      })

      test('of a unique value that is taken is not-unique and stores nothing', async () => {
        if (!at.sample.keyIsUnique) return
        const id = await created(1)
        const again = failed(await create(1, { [at.sample.text]: 'second' }))
        expect(again.kind).toBe('not-unique')
        expect((await found(id)).values[at.sample.text]).toBeNull()
        expect(await findKeys([1])).toHaveLength(1)
      })

      test('keyed by a unique stamp never makes a second record', async () => {
        if (at.stamped === null) return
        const { object, stamp } = at.stamped
        expect(at.connector.capabilities.uniqueStamp(object)).toBe(true)
        const item = {
          writeId: 'w',
          values: { ...at.stamped.values(1), [stamp]: 'other-side-7' },
          stamp: { field: stamp, value: 'other-side-7' },
        }
        at.network.interruptNextWrite('applied')
        expect(failed(only(await at.connector.create(object, [item]))).kind).toBe('ambiguous')
        const second = done(only(await at.connector.create(object, [item])))
        const records = await at.connector.find({
          object,
          field: stamp,
          values: ['other-side-7'],
          fields: [stamp],
        })
        expect(records.map((record) => record.key.id)).toEqual([second.id])
      })

      test('of several items fails only for the one that is refused', async () => {
        const outcomes = await at.connector.create(at.sample.object, [
          { writeId: 'good', values: at.sample.values(1), stamp: null },
          { writeId: 'bad', values: at.sample.refused(2), stamp: null },
          { writeId: 'fine', values: at.sample.values(3), stamp: null },
        ])
        const byId = new Map(outcomes.map((outcome) => [outcome.writeId, outcome]))
        expect(byId.get('good')).toMatchObject({ kind: 'done' })
        expect(byId.get('fine')).toMatchObject({ kind: 'done' })
        expect(byId.get('bad')).toMatchObject({ kind: 'failed', error: { kind: 'rejected' } })
        expect(await findKeys([1, 2, 3])).toHaveLength(2)
      })
    })

    describe('update', () => {
      test('sets exactly the given fields, and answers with the stored values', async () => {
        const id = await created(1)
        const before = await found(id)
        const outcome = done(await update(id, { [at.sample.text]: 'new' }))
        expect(outcome).toMatchObject({ id, writeId: `update-${id}` })
        const after = await found(id)
        expect(after.values).toEqual({ ...before.values, [at.sample.text]: 'new' })
        if (at.sample.text in outcome.image) expect(outcome.image).toEqual({ [at.sample.text]: 'new' })
      })

      test('clears with a blank', async () => {
        const id = await created(1, { [at.sample.text]: 'old' })
        done(await update(id, { [at.sample.text]: null }))
        expect((await found(id)).values[at.sample.text]).toBeNull()
      })

      test('makes a multi-valued field equal to what is given', async () => {
        if (at.several === null) return
        const { field, values } = at.several
        const [a, b, c] = values
        const id = await created(1, { [field]: [a, b] })
        const stored = async () => {
          const request = { object: at.sample.object, ids: [id], fields: [field] }
          const reading = only(await at.connector.read(request))
          return reading.kind === 'found' ? reading.snapshot.values[field] : reading.kind
        }
        done(await update(id, { [field]: [b, c] }))
        expect(sorted(await stored())).toEqual(sorted([b, c]))
        done(await update(id, { [field]: [] }))
        expect(isBlank((await stored()) ?? null)).toBe(true)
      })

      test('of a removed record is not-found', async () => {
        const id = at.person.create(1)
        at.settle()
        at.person.remove(id)
        at.settle()
        expect(failed(await update(id, { [at.sample.text]: 'x' })).kind).toBe('not-found')
      })

      test.each([
        ['unsent', 'transient', null],
        ['lost', 'ambiguous', null],
        ['applied', 'ambiguous', 'new'],
      ] as const)('that was %s is %s', async (how, kind, stored) => {
        const id = await created(1)
        at.network.interruptNextWrite(how)
        expect(failed(await update(id, { [at.sample.text]: 'new' })).kind).toBe(kind)
        expect((await found(id)).values[at.sample.text]).toBe(stored)
      })
    })

    describe('remove', () => {
      const remove = async (id: RecordId) => {
        const mode = at.connector.capabilities.archives ? 'archive' : 'delete'
        return only(await at.connector.remove(at.sample.object, [{ writeId: 'remove', id, mode }]))
      }

      test('leaves positive evidence, and is done again when repeated', async () => {
        const id = await created(1)
        expect(done(await remove(id)).id).toBe(id)
        expect(await read(id)).toMatchObject({
          kind: 'gone',
          how: at.connector.capabilities.archives ? 'archived' : 'deleted',
        })
        done(await remove(id))
      })

      test('whose answer was lost is ambiguous', async () => {
        const id = await created(1)
        at.network.interruptNextWrite('applied')
        expect(failed(await remove(id)).kind).toBe('ambiguous')
        expect((await read(id)).kind).toBe('gone')
      })
    })

    describe('evidence', () => {
      const evidenceOf = async (id: RecordId) => {
        const asked = { object: at.sample.object, records: [{ id, fields: [at.sample.text] }] }
        return (await at.connector.evidence(asked)).get(id)?.[at.sample.text]
      }

      test('tells a person from ourselves', async () => {
        const id = await created(1, { [at.sample.text]: 'ours' })
        expect(await evidenceOf(id)).toMatchObject({ actor: { kind: 'us' } })
        at.settle()
        at.person.setText(id, 'theirs')
        expect(await evidenceOf(id)).toMatchObject({ actor: { kind: 'human' } })
      })

      test('says when a field was cleared', async () => {
        const id = at.person.create(1)
        at.settle()
        at.person.setText(id, 'there')
        const before = await evidenceOf(id)
        at.settle()
        at.person.clearText(id)
        const after = await evidenceOf(id)
        expect(Date.parse(after?.at ?? '')).toBeGreaterThan(Date.parse(before?.at ?? ''))
      })
    })

    describe('history', () => {
      const versionsOf = async (id: RecordId, field = at.sample.text) => {
        const asked = { object: at.sample.object, records: [{ id, fields: [field] }] }
        const versions = (await at.connector.history(asked)).get(id)?.[field] ?? null
        return versions?.map(({ value, actor }) => [value, actor.kind]) ?? null
      }

      const whereKept = (name: string, body: () => Promise<void>) =>
        test(name, async ({ skip }) => {
          if (!at.connector.capabilities.keepsHistory) skip('this vendor keeps no history')
          await body()
        })

      test('of a vendor that keeps none is missing', async ({ skip }) => {
        if (at.connector.capabilities.keepsHistory) skip('this vendor keeps history')
        expect(await versionsOf(await created(1))).toBeNull()
      })

      whereKept('tells what a field held and who set it, oldest first', async () => {
        const { text } = at.sample
        const id = await created(1, { [text]: 'ours' })
        at.settle()
        at.person.setText(id, 'theirs')
        at.settle()
        done(await update(id, { [text]: 'ours again' }))
        expect(await versionsOf(id)).toEqual([
          ['ours', 'us'],
          ['theirs', 'human'],
          ['ours again', 'us'],
        ])
      })

      whereKept('shows what was replaced within the same moment', async () => {
        const { text } = at.sample
        const id = await created(1, { [text]: 'ours' })
        at.person.setText(id, 'theirs')
        done(await update(id, { [text]: 'ours again' }))
        expect((await versionsOf(id))?.map(([value]) => value)).toEqual(['ours', 'theirs', 'ours again'])
      })

      whereKept('shows when a field was blank, and does not know whose doing that was at worst', async () => {
        const id = at.person.create(1)
        at.settle()
        at.person.setText(id, 'there')
        at.settle()
        at.person.clearText(id)
        const versions = await versionsOf(id)
        expect(versions?.slice(-2).map(([value]) => value)).toEqual(['there', null])
        expect(['human', 'unknown']).toContain(versions?.at(-1)?.[1])
      })

      whereKept('shows the elements of a list as they lived together', async () => {
        if (at.several === null) return
        const { field, values } = at.several
        const [one, two, three] = values
        const id = await created(1, { [field]: [one] })
        at.settle()
        done(await update(id, { [field]: [one, two] }))
        at.settle()
        done(await update(id, { [field]: [two, three] }))
        const asked = { object: at.sample.object, records: [{ id, fields: [field] }] }
        const versions = (await at.connector.history(asked)).get(id)?.[field] ?? []
        const sets = versions.map(({ value }) => new Set(isList(value) ? value : [value]))
        expect(sets).toEqual([new Set([one]), new Set([one, two]), new Set([two, three])])
      })

      test('of what is gone or does not exist is missing, not empty', async () => {
        const id = await created(1)
        expect(await versionsOf(id, 'no_such_field')).toBeNull()
        expect(await versionsOf('no-such-record')).toBeNull()
      })

      test('of what a person removed is as it was, where there is a bin, and missing where there is none', async () => {
        const { text } = at.sample
        const id = await created(1, { [text]: 'text 1' })
        const before = await versionsOf(id, text)
        at.person.remove(id)
        expect([before, null]).toContainEqual(await versionsOf(id, text))
      })

      whereKept('is of many records at once', async () => {
        const { object, text } = at.sample
        const ids = await Promise.all([1, 2, 3].map((n) => created(n, { [text]: `text ${n}` })))
        const records = ids.map((id) => ({ id, fields: [text] }))
        const found = await at.connector.history({ object, records })
        expect(ids.map((id) => found.get(id)?.[text]?.map(({ value }) => value))).toEqual([
          ['text 1'],
          ['text 2'],
          ['text 3'],
        ])
      })
    })

    describe('createField', () => {
      const wanted = () => ({
        name: at.newField,
        label: 'Contract stamp',
        description: 'Made by a test',
        unique: false,
      })

      test('makes a text field, once', async () => {
        const field = wanted()
        await at.connector.createField(at.sample.object, field)
        await at.connector.createField(at.sample.object, field)
        const schema = await at.connector.describe(at.sample.object)
        expect(schema.fields.get(field.name)).toMatchObject({ type: 'text', readOnly: false, unique: false })
        const id = await created(1, { [field.name]: 'stamped' })
        const asked = { object: at.sample.object, ids: [id], fields: [field.name] }
        expect(only(await at.connector.read(asked))).toMatchObject({
          snapshot: { values: { [field.name]: 'stamped' } },
        })
      })

      test('refuses to settle for a field of another form', async () => {
        if (at.stamped === null) return
        const { object } = at.stamped
        const field = wanted()
        await at.connector.createField(object, { ...field, unique: true })
        await expect(at.connector.createField(object, { ...field, unique: false })).rejects.toMatchObject({
          kind: 'rejected',
        })
      })
    })

    if (pushes) webhookContract(() => at)

    test('what the vendor cannot do is said, not tried', async () => {
      const { connector, sample } = at
      expect(connector.capabilities.pushes).toBe(pushes)
      if (!pushes) {
        const request = { target: 'https://attune.example/webhooks/crm', wanted: [] }
        await expect(connector.webhooks.list(request)).rejects.toMatchObject({ kind: 'unavailable' })
      }
      if (!connector.capabilities.changes) {
        await expect(connector.changes({ object: sample.object, cursor: null })).rejects.toMatchObject({
          name: 'ConnectorError',
        })
      }
    })
  })
}

function only<T>(items: readonly T[]): T {
  expect(items).toHaveLength(1)
  return items[0]!
}

function done(outcome: WriteOutcome): WriteOutcome & { kind: 'done' } {
  if (outcome.kind === 'failed') throw outcome.error
  return outcome
}

function failed(outcome: WriteOutcome): ConnectorError {
  if (outcome.kind === 'failed') return outcome.error
  throw new Error(`${outcome.writeId} was expected to fail and is done`)
}

/** Vendors may keep a set of values in an order of their own. */
function sorted(value: unknown): unknown {
  return Array.isArray(value) ? value.map((each) => JSON.stringify(each)).toSorted() : value
}
