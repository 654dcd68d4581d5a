/**
 * The contract of `src/connectors/connector.ts` as a test suite: what the engine relies on, for every vendor
 * alike. A connector's own tests call `connectorContract` with a way to set up a fresh, empty account.
 */
import { beforeEach, describe, expect, test } from 'vitest'
import type { Lane } from '../../../src/core/lane.ts'
import { benchAt, done, only } from './bench.ts'
import type { ConnectorFixture } from './fixture.ts'
import { historyContract } from './history-contract.ts'
import { readingContract } from './reading-contract.ts'
import { webhookContract } from './webhook-contract.ts'
import { writingContract } from './writing-contract.ts'

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

    const bench = benchAt(() => at)
    const { fields, found, created } = bench

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

      test('refuses to settle for a field of another form', async ({ skip }) => {
        if (at.stamped === null) return skip('this vendor has no unique stamp')
        const { object } = at.stamped
        const field = wanted()
        await at.connector.createField(object, { ...field, unique: true })
        await expect(at.connector.createField(object, { ...field, unique: false })).rejects.toMatchObject({
          kind: 'rejected',
        })
      })
    })

    readingContract(bench)
    writingContract(bench)
    historyContract(bench)
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
