/** The part of the connector contract about webhooks: registering narrowly, and hearing what then comes. */
import { describe, expect, test } from 'vitest'
import type { Bell } from '../../../src/core/bell.ts'
import type { WebhookRequest } from '../../../src/connectors/bells.ts'
import { arrived, bellsOf } from '../deliveries.ts'
import type { ConnectorFixture, PushingVendor } from './fixture.ts'

const TARGET = 'https://attune.example/webhooks/crm'

/** `fixture` gives the one that the test at hand has to itself. */
export function webhookContract(fixture: () => ConnectorFixture): void {
  const wanting = (...fields: readonly string[]): WebhookRequest => ({
    target: TARGET,
    wanted: [{ object: fixture().sample.object, fields }],
  })

  const install = async (request: WebhookRequest, secretIsKnown = false) => {
    const change = await fixture().connector.webhooks.install({ ...request, secretIsKnown })
    if (change.kind === 'by-hand') throw new Error('this connector sets up its webhooks by API')
    return change
  }

  const states = async (request: WebhookRequest) => {
    const state = await fixture().connector.webhooks.list(request)
    if (state.kind === 'by-hand') throw new Error('this connector sets up its webhooks by API')
    return new Set(state.subscriptions.map((each) => each.state))
  }

  const pushing = (): PushingVendor => {
    const { vendor } = fixture()
    if (!vendor) throw new Error('a connector that says that its vendor pushes has one that does')
    return vendor
  }

  /** Everything that the vendor sends in the next minute, heard. */
  const listen = async (secret: string | null): Promise<() => readonly Bell[]> => {
    const { connector, sample } = fixture()
    const vendor = pushing()
    const reader = await connector.webhooks.reader({
      account: (await connector.account()).id,
      objects: [sample.object],
      secret: secret ?? vendor.webhookSecret ?? '',
    })
    return () => {
      fixture().settle()
      return vendor
        .deliveries()
        .map(arrived)
        .flatMap((delivery) => bellsOf(reader.read(delivery, vendor.nowMs())))
    }
  }

  describe('webhooks', () => {
    test('are installed once: the second time changes nothing', async () => {
      const { sample } = fixture()
      const wanted = wanting(sample.text, sample.key)
      expect(await states(wanted)).toEqual(new Set(['missing']))
      const first = await install(wanted)
      expect(first.created.length).toBeGreaterThan(3)
      expect(first.created.filter((name) => name.includes(sample.text))).toHaveLength(1)
      expect([first.kept, first.removed]).toEqual([[], []])
      expect(await states(wanted)).toEqual(new Set(['present']))
      const second = await install(wanted, true)
      expect(second).toEqual({ kind: 'done', created: [], removed: [], kept: first.created, secret: null })
    })

    test('follow what is wanted, more and less', async () => {
      const { sample } = fixture()
      await install(wanting(sample.key))
      const more = await install(wanting(sample.key, sample.text), true)
      expect(more.created).toEqual([expect.stringContaining(sample.text)])
      expect(await states(wanting(sample.key))).toEqual(new Set(['present', 'unneeded']))
      const less = await install(wanting(sample.key), true)
      expect(less).toMatchObject({ created: [], removed: more.created })
      expect(await states(wanting(sample.key))).toEqual(new Set(['present']))
    })

    test('ring for wanted fields, with record, field, person and a key of their own', async () => {
      const { sample, person } = fixture()
      const { secret } = await install(wanting(sample.text, sample.key))
      const id = person.create(1)
      const hear = await listen(secret)
      hear()
      person.setText(id, 'one')
      person.setText(id, 'two')
      const bells = hear()
      expect(bells).toHaveLength(2)
      for (const bell of bells) {
        expect(bell).toMatchObject({
          object: sample.object,
          record: id,
          kind: 'changed',
          into: null,
          fields: [sample.text],
          actor: { kind: 'human' },
        })
      }
      expect(new Set(bells.map(({ key }) => key)).size).toBe(2)
    })

    test('are silent about fields that nobody wants', async () => {
      const { sample, person } = fixture()
      const { secret } = await install(wanting(sample.key))
      const id = person.create(1)
      const hear = await listen(secret)
      hear()
      person.setText(id, 'unheard')
      expect(hear()).toEqual([])
    })

    test('ring for new, removed and merged records', async () => {
      const { person } = fixture()
      const { secret } = await install(wanting())
      const hear = await listen(secret)
      const [a, b, c] = [person.create(1), person.create(2), person.create(3)]
      expect(new Set(hear().map(({ record, kind }) => `${record} ${kind}`))).toEqual(
        new Set([a, b, c].map((id) => `${id} changed`)),
      )
      person.remove(c)
      expect(hear()).toMatchObject([{ record: c, kind: 'removed' }])
      const survivor = person.merge(a, b)
      const merged = hear().filter(({ kind }) => kind === 'merged')
      expect(new Set(merged.map(({ record, into }) => `${record} ${into}`))).toEqual(
        new Set([a, b].filter((id) => id !== survivor).map((id) => `${id} ${survivor}`)),
      )
    })

    test('ring for our own writes as ours', async () => {
      const { connector, sample } = fixture()
      const { secret } = await install(wanting(sample.text))
      const hear = await listen(secret)
      await connector.create(sample.object, [{ writeId: 'w', values: sample.values(1), stamp: null }])
      const bells = hear()
      expect(bells.length).toBeGreaterThan(0)
      expect(bells.filter(({ actor }) => actor.kind !== 'us' && actor.kind !== 'system')).toEqual([])
    })

    test('are gone when they were removed, and removing nothing is fine', async () => {
      const { connector, sample, person } = fixture()
      const vendor = pushing()
      const wanted = wanting(sample.text)
      const { created } = await install(wanted)
      expect(await connector.webhooks.remove(wanted)).toMatchObject({ kind: 'done', removed: created })
      person.create(1)
      fixture().settle()
      expect(vendor.deliveries()).toEqual([])
      expect(await states(wanted)).toEqual(new Set(['missing']))
      expect(await connector.webhooks.remove(wanted)).toMatchObject({ kind: 'done', removed: [] })
    })

    test('with another secret are all refused', async () => {
      const { connector, sample, person } = fixture()
      const vendor = pushing()
      await install(wanting(sample.text))
      const account = (await connector.account()).id
      const reader = await connector.webhooks.reader({ account, objects: [sample.object], secret: 'other' })
      person.create(1)
      fixture().settle()
      const heard = vendor.deliveries().map((each) => reader.read(arrived(each), vendor.nowMs()))
      expect(heard.length).toBeGreaterThan(0)
      for (const hearing of heard) expect(hearing).toMatchObject({ kind: 'refused', reason: 'forged' })
    })
  })
}
