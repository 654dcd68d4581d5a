import { describe, expect, test } from 'vitest'
import type { CreateItem } from '../../../src/connectors/writing.ts'
import { batch, ids, json, missing, row, scripted, type Sent } from './scripted.ts'

const UPSERT = 'POST /crm/v3/objects/contacts/batch/upsert'
const CREATE = 'POST /crm/v3/objects/contacts/batch/create'
const UPDATE = 'POST /crm/v3/objects/contacts/batch/update'
const READ = 'POST /crm/v3/objects/contacts/batch/read'
const ARCHIVE = 'POST /crm/v3/objects/contacts/batch/archive'

interface Input {
  readonly id: string
  readonly idProperty?: string
  readonly objectWriteTraceId: string
  readonly properties: Record<string, string>
}

const inputsOf = (request: Sent) => (request.body as { inputs: readonly Input[] }).inputs

const stamped = (n: number, more: object = {}): CreateItem => ({
  writeId: `write-${n}`,
  values: { email: `p${n}@example.com`, attio_record_id: `rec-${n}`, ...more },
  stamp: { field: 'attio_record_id', value: `rec-${n}` },
})

const validation = (code: string, property: string, message: string, context: object = {}) => ({
  status: 'error',
  category: 'VALIDATION_ERROR',
  message: `Property values were not valid: ${JSON.stringify([{ isValid: false, message, error: code, name: property }])}`,
  errors: [{ message, code, context: { propertyName: [property] } }],
  context,
})

describe('creating with a stamp', () => {
  test('upserts by it, and matches rows by trace id whatever their order', async () => {
    const { connector, sent } = scripted({
      [UPSERT]: (request) =>
        batch(
          inputsOf(request)
            .map((input, n) =>
              row(
                String(100 + n),
                { email: input.properties['email']!.toLowerCase() },
                { new: true, objectWriteTraceId: input.objectWriteTraceId },
              ),
            )
            .toReversed(),
        ),
    })
    const outcomes = await connector.create('contacts', [stamped(1, { jobtitle: null }), stamped(2)])
    expect(outcomes).toEqual([
      {
        kind: 'done',
        writeId: 'write-1',
        id: '100',
        image: { hs_object_id: '100', email: 'p1@example.com' },
        version: '2026-11-20T10:00:00.000Z',
      },
      expect.objectContaining({ kind: 'done', writeId: 'write-2', id: '101' }),
    ])
    const [first, second] = inputsOf(sent.find(({ path }) => path.endsWith('/upsert'))!)
    expect(first).toMatchObject({
      id: 'rec-1',
      idProperty: 'attio_record_id',
      properties: { email: 'p1@example.com', attio_record_id: 'rec-1', jobtitle: '' },
    })
    expect(first?.objectWriteTraceId).not.toBe(second?.objectWriteTraceId)
  })

  test('shows all that HubSpot says of a record it made, and of an older one only what was written', async () => {
    const answered = { attio_record_id: 'rec-1', email: 'p1@example.com', lifecyclestage: 'lead' }
    const imageOf = async (isNew: boolean) => {
      const { connector } = scripted({ [UPSERT]: () => batch([row('101', answered, { new: isNew })]) })
      const [outcome] = await connector.create('contacts', [stamped(1)])
      return outcome?.kind === 'done' ? outcome.image : null
    }
    expect(await imageOf(true)).toEqual({ ...answered, hs_object_id: '101' })
    expect(await imageOf(false)).toEqual({ attio_record_id: 'rec-1', email: 'p1@example.com' })
  })

  test('matches rows by the stamp where the answer repeats no trace ids', async () => {
    const { connector } = scripted({
      [UPSERT]: () =>
        batch([row('102', { attio_record_id: 'rec-2' }), row('101', { attio_record_id: 'rec-1' })]),
    })
    const outcomes = await connector.create('contacts', [stamped(1), stamped(2)])
    expect(outcomes).toMatchObject([{ id: '101' }, { id: '102' }])
  })

  test('takes the errors of single items out of the answer', async () => {
    const { connector } = scripted({
      [UPSERT]: (request) => {
        const [first, second, third] = inputsOf(request).map((input) => input.objectWriteTraceId)
        return batch(
          [row('101', {}, { objectWriteTraceId: first })],
          [
            {
              status: 'error',
              category: 'CONFLICT',
              message: 'Contact already exists. Existing ID: 55',
              context: { objectWriteTraceId: [second], existingId: ['55'] },
            },
            validation('INVALID_EMAIL', 'email', 'Email address oh is invalid', {
              objectWriteTraceId: [third],
            }),
          ],
        )
      },
    })
    const outcomes = await connector.create('contacts', [stamped(1), stamped(2), stamped(3), stamped(4)])
    expect(outcomes).toMatchObject([
      { kind: 'done', id: '101' },
      { kind: 'failed', error: { kind: 'not-unique', existingId: '55' } },
      { kind: 'failed', error: { kind: 'rejected', code: 'INVALID_EMAIL', fields: ['email'] } },
      { kind: 'failed', error: { kind: 'ambiguous' } },
    ])
  })

  test('halves a batch that is rejected as a whole until the culprit is found', async () => {
    const { connector, sentTo } = scripted({
      [UPSERT]: (request) => {
        const inputs = inputsOf(request)
        if (inputs.some(({ id }) => id === 'rec-3')) {
          return json(400, validation('PROPERTY_DOESNT_EXIST', 'nope', 'Property "nope" does not exist'))
        }
        return batch(inputs.map(({ id }) => row(id.replace('rec-', '10'), { attio_record_id: id })))
      },
    })
    const outcomes = await connector.create(
      'contacts',
      [1, 2, 3, 4].map((n) => stamped(n)),
    )
    const byWrite = Object.fromEntries(outcomes.map((outcome) => [outcome.writeId, outcome]))
    expect(byWrite).toMatchObject({
      'write-1': { kind: 'done', id: '101' },
      'write-2': { kind: 'done', id: '102' },
      'write-3': { kind: 'failed', error: { kind: 'rejected', fields: ['nope'] } },
      'write-4': { kind: 'done', id: '104' },
    })
    expect(sentTo('/crm/v3/objects/contacts/batch/upsert')).toHaveLength(5)
  })

  test('sends at most a hundred at once', async () => {
    const { connector, sentTo } = scripted({
      [UPSERT]: (request) =>
        batch(ids(request).map((id) => row(id.replace('rec-', '9'), { attio_record_id: id }))),
    })
    const outcomes = await connector.create(
      'contacts',
      Array.from({ length: 120 }, (_, n) => stamped(n)),
    )
    expect(outcomes.filter(({ kind }) => kind === 'done')).toHaveLength(120)
    expect(sentTo('/crm/v3/objects/contacts/batch/upsert').map((request) => ids(request).length)).toEqual([
      100, 20,
    ])
  })

  test('what HubSpot could only store as something else is refused without asking', async () => {
    const { connector, sentTo } = scripted({})
    const outcomes = await connector.create('contacts', [stamped(1, { jobtitle: ['a;b'] })])
    expect(outcomes).toMatchObject([{ kind: 'failed', error: { kind: 'rejected' } }])
    expect(sentTo('/crm/v3/objects/contacts/batch/upsert')).toEqual([])
  })
})

describe('creating without a stamp', () => {
  const item = (n: number): CreateItem => ({
    writeId: `w${n}`,
    values: { email: `P${n}@Example.com` },
    stamp: null,
  })

  test('creates with trace ids, and falls back to the e-mail as HubSpot stores it', async () => {
    const { connector, sentTo } = scripted({
      [CREATE]: () =>
        batch([row('2', { email: 'p2@example.com' }), row('1', { email: 'p1@example.com' })], [], 201),
    })
    expect(await connector.create('contacts', [item(1), item(2)])).toMatchObject([{ id: '1' }, { id: '2' }])
    const [request] = sentTo('/crm/v3/objects/contacts/batch/create')
    const traces = inputsOf(request!).map((input) => input.objectWriteTraceId)
    expect(new Set(traces).size).toBe(2)
  })
})

describe('our own application', () => {
  test('is learned from a record that we created, not from one that we met', async () => {
    const source = (id: string) => ({ hs_object_source: 'INTEGRATION', hs_object_source_id: id })
    const { connector } = scripted({
      [UPSERT]: () =>
        batch([
          row('1', { attio_record_id: 'rec-1', ...source('666') }, { new: false }),
          row('2', { attio_record_id: 'rec-2', ...source('9001') }, { new: true }),
        ]),
      'GET /account-info/v3/details': () => json(200, { portalId: 4242, utcOffsetMilliseconds: 0 }),
    })
    await connector.account()
    expect(connector.self.id()).toBeNull()
    await connector.create('contacts', [stamped(1), stamped(2)])
    expect(connector.self.id()).toBe('9001')
  })
})

describe('updating', () => {
  const item = (id: string, writeId = `w${id}`) => ({ writeId, id, values: { jobtitle: 'CTO' } })

  test('answers with what was stored, in neutral shapes', async () => {
    const { connector } = scripted({
      [UPDATE]: () => batch([row('1', { annualrevenue: '1.2E4', jobtitle: '' })]),
    })
    const values = { annualrevenue: '12000', jobtitle: null, firstname: 'Ada' }
    expect(await connector.update('contacts', [{ writeId: 'w', id: '1', values }])).toMatchObject([
      { kind: 'done', image: { annualrevenue: '12000', jobtitle: null } },
    ])
  })

  test('looks up every row that the answer leaves out', async () => {
    const { connector } = scripted({
      [UPDATE]: () => batch([row('1')], [missing('4')]),
      [READ]: (request) => {
        if (request.query.get('archived') === 'true') return batch([row('4')])
        return batch([row('30', { hs_merged_object_ids: '2;9' }), row('3')], [missing('4')])
      },
    })
    const outcomes = await connector.update(
      'contacts',
      ['1', '2', '3', '4'].map((id) => item(id)),
    )
    const kinds = outcomes.map((outcome) => (outcome.kind === 'done' ? 'done' : outcome.error.kind))
    expect(kinds).toEqual(['done', 'stale', 'ambiguous', 'not-found'])
  })

  test('never names a record twice in one batch', async () => {
    const { connector, sentTo } = scripted({
      [UPDATE]: (request) => batch(ids(request).map((id) => row(id, { jobtitle: 'CTO' }))),
    })
    const outcomes = await connector.update('contacts', [item('1', 'a'), item('2', 'b'), item('1', 'c')])
    expect(outcomes.map(({ writeId }) => writeId).toSorted()).toEqual(['a', 'b', 'c'])
    expect(sentTo('/crm/v3/objects/contacts/batch/update').map(ids)).toEqual([['1', '2'], ['1']])
  })
})

describe('removing', () => {
  test('archives in batches, each id once', async () => {
    const { connector, sentTo } = scripted({ [ARCHIVE]: () => ({ status: 204, headers: {}, body: '' }) })
    const item = (writeId: string, id: string) => ({ writeId, id, mode: 'archive' as const })
    const outcomes = await connector.remove('contacts', [item('a', '1'), item('b', '2'), item('c', '1')])
    expect(outcomes.map(({ kind }) => kind)).toEqual(['done', 'done', 'done'])
    expect(sentTo('/crm/v3/objects/contacts/batch/archive').map(ids)).toEqual([['1', '2']])
  })

  test('erases a contact for good only when told so', async () => {
    const { connector, sentTo } = scripted({
      'POST /crm/v3/objects/contacts/gdpr-delete': () => ({ status: 204, headers: {}, body: '' }),
    })
    await connector.remove('contacts', [{ writeId: 'a', id: '1', mode: 'delete' }])
    expect(sentTo('/crm/v3/objects/contacts/gdpr-delete')[0]?.body).toEqual({ objectId: '1' })
  })
})
