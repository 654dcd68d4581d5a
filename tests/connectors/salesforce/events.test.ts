import { describe, expect, test } from 'vitest'
import { createSalesforceConnector } from '../../../src/connectors/salesforce/connector.ts'
import { bellsOf, type ChangeEvent } from '../../../src/connectors/salesforce/events.ts'
import type { Transport } from '../../../src/connectors/transport.ts'
import { TransportError } from '../../../src/connectors/transport.ts'
import { modelTransport } from '../../../src/sandbox/model-transport.ts'
import { createSalesforceModel } from '../../../src/sandbox/salesforce/model.ts'
import type { SalesforceSettings } from '../../../src/sandbox/salesforce/settings.ts'
import { virtualTime } from '../virtual-time.ts'
import { INSTANCE_URL } from './sandbox.ts'

const DAY_MS = 86_400_000

function org(settings: Partial<SalesforceSettings> = {}) {
  const time = virtualTime({ startMs: Date.UTC(2026, 4, 1, 7) })
  const model = createSalesforceModel({
    clock: () => time.runtime.now(),
    seed: 7,
    limits: 'off',
    settings: { shortQueryPages: 0, duplicateRules: [], leadQueue: null, ...settings },
  })
  const { clientId, clientSecret, refreshToken, userId } = model.identity
  const transport = modelTransport(model, { runtime: time.runtime, now: () => time.runtime.now() })
  const connector = createSalesforceConnector({
    connection: 'salesforce',
    credentials: {
      instanceUrl: INSTANCE_URL,
      loginUrl: INSTANCE_URL,
      accessToken: model.token,
      clientId,
      clientSecret,
      refreshToken,
    },
    transport,
    runtime: time.runtime,
  })
  const contact = (values: Record<string, unknown>) =>
    model.edit({ action: 'create', object: 'Contact', values: { LastName: 'X', ...values } }).id

  /** Listens for as long as it is told to, while `happen` happens. */
  const listen = async (
    options: {
      objects?: readonly string[]
      replayFrom?: number | null
      through?: (to: Transport) => Transport
    },
    happen: () => void | Promise<void>,
    forMs = 300_000,
  ): Promise<readonly ChangeEvent[]> => {
    const stop = new AbortController()
    const bells: ChangeEvent[] = []
    const listening = (async () => {
      const ringing = connector.listen({
        transport: options.through?.(transport) ?? transport,
        objects: options.objects ?? ['Contact', 'Account'],
        replayFrom: options.replayFrom ?? null,
        signal: stop.signal,
      })
      for await (const bell of ringing) bells.push(bell)
    })()
    // Awaited at the end; until then nobody has.
    listening.catch(() => undefined)
    await time.run(time.runtime.sleep(1_000))
    await happen()
    await time.run(time.runtime.sleep(forMs))
    stop.abort()
    await time.run(listening)
    return bells
  }
  return { model, time, connector, contact, listen, userId }
}

const kinds = (bells: readonly ChangeEvent[]) => bells.map(({ kind }) => kind)

describe('change events', () => {
  test('say who changed which fields of which record, and when', async () => {
    const at = org()
    let id = ''
    const bells = await at.listen({}, async () => {
      id = at.contact({ Title: 'CTO' })
      await at.time.run(at.time.runtime.sleep(5_000))
      at.model.edit({
        action: 'update',
        object: 'Contact',
        id,
        values: { FirstName: 'Ada', MailingCity: 'Berlin' },
      })
      await at.time.run(at.time.runtime.sleep(5_000))
      at.model.edit({ action: 'delete', object: 'Contact', id })
      await at.time.run(at.time.runtime.sleep(5_000))
      at.model.edit({ action: 'restore', object: 'Contact', id })
    })
    expect(kinds(bells)).toEqual(['created', 'changed', 'removed', 'restored'])
    const [, changed] = bells
    expect(changed).toMatchObject({
      object: 'Contact',
      id,
      at: expect.stringMatching(/^2026-05-01T07:0/),
      actor: { kind: 'human', id: expect.stringMatching(/^005/) },
    })
    expect(changed?.kind === 'changed' && changed.fields).toEqual(
      expect.arrayContaining(['FirstName', 'MailingCity']),
    )
  })

  test('tell our own writes from those of people', async () => {
    const at = org()
    const id = at.contact({})
    const bells = await at.listen({}, async () => {
      const [outcome] = await at.time.run(
        at.connector.update('Contact', [{ writeId: 'w', id, values: { Title: 'CTO' } }]),
      )
      expect(outcome?.kind).toBe('done')
    })
    expect(bells).toMatchObject([{ kind: 'changed', id, actor: { kind: 'us', id: at.userId } }])
  })

  test('have one key however often they are delivered', async () => {
    const at = org({ eventDuplicates: 1 })
    const bells = await at.listen({}, () => {
      at.contact({})
      at.contact({})
    })
    expect(bells.length).toBeGreaterThan(2)
    expect(new Set(bells.map((bell) => bell.kind !== 'gap' && bell.key)).size).toBe(2)
  })

  test('that only say that something happened still say where', async () => {
    const at = org({ gapEvents: 1 })
    const id = at.contact({})
    const bells = await at.listen({}, () => {
      at.model.edit({ action: 'update', object: 'Contact', id, values: { Title: 'CTO' } })
    })
    expect(bells).toMatchObject([{ kind: 'changed', id, fields: [] }])
  })

  test('of objects that nobody asked for do not ring', async () => {
    const at = org()
    const bells = await at.listen({ objects: ['Account', 'Opportunity'] }, () => {
      at.contact({})
      at.model.edit({ action: 'create', object: 'Account', values: { Name: 'A' } })
    })
    expect(bells).toMatchObject([{ object: 'Account' }])
    const single = await at.listen({ objects: ['Account'] }, () => {
      at.model.edit({ action: 'create', object: 'Account', values: { Name: 'B' } })
    })
    expect(single).toMatchObject([{ object: 'Account' }])
  })
})

test('a bell is rung for a record, and none for a gap', async () => {
  const at = org()
  const events = await at.listen({}, async () => {
    const id = at.contact({})
    await at.time.run(at.time.runtime.sleep(5_000))
    at.model.edit({ action: 'update', object: 'Contact', id, values: { Title: 'CTO' } })
    await at.time.run(at.time.runtime.sleep(5_000))
    at.model.edit({ action: 'delete', object: 'Contact', id })
  })
  expect(events.flatMap(bellsOf)).toMatchObject([
    { object: 'Contact', kind: 'changed', version: null },
    { object: 'Contact', kind: 'changed', fields: ['Title'], actor: { kind: 'human' } },
    { object: 'Contact', kind: 'removed' },
  ])
  expect(bellsOf({ kind: 'gap', object: null, because: 'lost', replayId: null })).toEqual([])
})

describe('where it was left', () => {
  test('is where it goes on: nothing is missed in between, nothing rings again', async () => {
    const at = org()
    const first = await at.listen({}, () => {
      at.contact({ Title: 'before' })
    })
    const missed = at.contact({ Title: 'meanwhile' })
    const second = await at.listen({ replayFrom: first.at(-1)!.replayId }, () => {
      at.contact({ Title: 'after' })
    })
    expect(second).toHaveLength(2)
    expect(second[0]).toMatchObject({ id: missed })
  })

  test('and is not kept any more is a gap, and then it goes on from now', async () => {
    const at = org()
    const first = await at.listen({}, () => {
      at.contact({})
    })
    at.contact({ Title: 'while nobody listened' })
    await at.time.run(at.time.runtime.sleep(4 * DAY_MS))
    const bells = await at.listen({ replayFrom: first.at(-1)!.replayId }, () => {
      at.contact({})
    })
    expect(kinds(bells)).toEqual(['gap', 'created'])
    expect(bells[0]).toMatchObject({ object: null })
  })
})

describe('a line', () => {
  test('that is lost is taken up where it was', async () => {
    const at = org()
    let failing = false
    const through =
      (to: Transport): Transport =>
      async (request, signal) => {
        if (failing) {
          failing = false
          throw new TransportError('cut', { sent: true })
        }
        return to(request, signal)
      }
    const bells = await at.listen({ through }, async () => {
      at.contact({ Title: 'one' })
      await at.time.run(at.time.runtime.sleep(5_000))
      failing = true
      at.contact({ Title: 'two' })
      await at.time.run(at.time.runtime.sleep(120_000))
      at.contact({ Title: 'three' })
    })
    expect(kinds(bells)).toEqual(['created', 'created', 'created'])
  })

  test('whose session ends is kept up', async () => {
    const at = org()
    const bells = await at.listen({}, async () => {
      at.model.edit({ action: 'delete', object: 'AuthSession', id: at.userId })
      await at.time.run(at.time.runtime.sleep(120_000))
      at.contact({})
    })
    expect(bells.filter(({ kind }) => kind === 'created')).toHaveLength(1)
  })

  test('that cannot be had is an error, not silence', async () => {
    const at = org()
    const through = (): Transport => async () => {
      throw new TransportError('no', { sent: false })
    }
    await expect(at.listen({ through }, () => {}, 3_600_000)).rejects.toMatchObject({
      name: 'ConnectorError',
      kind: 'transient',
    })
  })
})
