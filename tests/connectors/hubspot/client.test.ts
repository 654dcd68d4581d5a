import { describe, expect, test } from 'vitest'
import { TransportError } from '../../../src/connectors/transport.ts'
import { batch, ids, json, refusal, row, scripted } from './scripted.ts'

const READ = 'POST /crm/v3/objects/contacts/batch/read'
const UPDATE = 'POST /crm/v3/objects/contacts/batch/update'
const read = { object: 'contacts', ids: ['1'], fields: ['jobtitle'] }
const update = [{ writeId: 'w', id: '1', values: { jobtitle: 'CTO' } }]

/** Answers with these in turn; the last one stays. */
function inTurn<T>(...answers: readonly (() => T)[]): () => T {
  let turn = 0
  return () => answers[Math.min(turn++, answers.length - 1)]!()
}

const found = () => batch([row('1', { jobtitle: 'CTO' })])

describe('what reaches the network', () => {
  test('is addressed to the base URL, with the token', async () => {
    const { connector, sent } = scripted({ [READ]: found })
    await connector.read(read)
    const request = sent.find(({ path }) => path.endsWith('/batch/read'))
    expect(request?.headers['authorization']).toBe('Bearer pat-na1-test')
    expect(request?.headers['content-type']).toBe('application/json')
  })

  test('is spoken in the wanted version, whose archives succeed with 200', async () => {
    const { connector, sent } = scripted(
      { 'POST /crm/associations/2026-09/contacts/companies/batch/archive': () => json(200, {}) },
      { apiVersion: '2026-09' },
    )
    const item = {
      writeId: 'w',
      id: '1',
      field: 'association:companies',
      add: [],
      remove: [{ object: 'companies', id: '2' }],
    }
    expect(await connector.associate('contacts', [item])).toMatchObject([{ kind: 'done', id: '1' }])
    expect(sent).toHaveLength(1)
  })

  test('two connections of one name do not meet', async () => {
    const one = scripted({ [READ]: () => batch([row('1', { jobtitle: 'one' })]) })
    const two = scripted({ [READ]: () => batch([row('1', { jobtitle: 'two' })]) })
    const [first, second] = await Promise.all([one.connector.read(read), two.connector.read(read)])
    expect(first).toMatchObject([{ snapshot: { values: { jobtitle: 'one' } } }])
    expect(second).toMatchObject([{ snapshot: { values: { jobtitle: 'two' } } }])
  })
})

describe('a failed read', () => {
  test('is repeated, a few times', async () => {
    const answer = inTurn(
      () => json(502, {}),
      () => json(500, {}),
      found,
    )
    const { connector, runtime } = scripted({ [READ]: answer })
    expect(await connector.read(read)).toMatchObject([{ kind: 'found' }])
    expect(runtime.slept).toHaveLength(2)
  })

  test('is transient in the end', async () => {
    const { connector, sentTo } = scripted({ [READ]: () => json(503, {}) })
    await expect(connector.read(read)).rejects.toMatchObject({ kind: 'transient', status: 503 })
    expect(sentTo('/crm/v3/objects/contacts/batch/read')).toHaveLength(4)
  })

  test.each([
    ['an HTML page', { 'content-type': 'text/html' }, '<html>Bad gateway ada@example.com</html>'],
    ['no content type', {}, 'upstream error'],
    ['an empty body that claims to be JSON', { 'content-type': 'application/json' }, ''],
  ])('keeps its status when it answers with %s', async (_, headers, body) => {
    const { connector } = scripted({
      [READ]: () => ({ status: 502, headers: headers as Record<string, string>, body }),
    })
    const failure = connector.read(read)
    await expect(failure).rejects.toMatchObject({ kind: 'transient', status: 502 })
    await expect(failure).rejects.not.toThrow(/ada@example/)
  })

  test('of a cut answer is transient', async () => {
    const cut = () => ({ status: 200, headers: { 'content-type': 'application/json' }, body: '{"results":[' })
    const { connector } = scripted({ [READ]: cut })
    await expect(connector.read(read)).rejects.toMatchObject({ kind: 'transient' })
  })
})

describe('a failed write', () => {
  test.each([
    ['500', () => json(500, {})],
    ['524', () => ({ status: 524, headers: {}, body: '<html>' })],
    ['a cut answer', () => ({ status: 200, headers: { 'content-type': 'application/json' }, body: '{' })],
    [
      'a lost answer',
      () => {
        throw new TransportError('lost', { sent: true })
      },
    ],
  ])('with %s is ambiguous and never repeated', async (_, answer) => {
    const { connector, sentTo } = scripted({ [UPDATE]: answer })
    expect(await connector.update('contacts', update)).toMatchObject([
      { kind: 'failed', writeId: 'w', error: { kind: 'ambiguous' } },
    ])
    expect(sentTo('/crm/v3/objects/contacts/batch/update')).toHaveLength(1)
  })

  test('that was never sent is transient', async () => {
    const { connector } = scripted({
      [UPDATE]: () => {
        throw new TransportError('refused', { sent: false })
      },
    })
    expect(await connector.update('contacts', update)).toMatchObject([{ error: { kind: 'transient' } }])
  })

  test('on a locked record waits two seconds and tries again, not for ever', async () => {
    const locked = () => refusal(423, 'locked')
    const once = scripted({ [UPDATE]: inTurn(locked, found) })
    expect(await once.connector.update('contacts', update)).toMatchObject([{ kind: 'done' }])
    expect(once.runtime.slept).toEqual([2_000])

    const always = scripted({ [UPDATE]: locked })
    await expect(always.connector.update('contacts', update)).rejects.toMatchObject({ kind: 'rate-limited' })
    expect(always.runtime.slept.length).toBeLessThan(10)
  })

  test('with a dead token stops everything', async () => {
    const { connector } = scripted({
      [UPDATE]: () => refusal(401, 'no', { category: 'INVALID_AUTHENTICATION' }),
    })
    await expect(connector.update('contacts', update)).rejects.toMatchObject({
      kind: 'unauthorized',
      status: 401,
    })
  })

  test('that succeeds in an unknown shape is done, to be read back', async () => {
    const { connector } = scripted({ [UPDATE]: () => json(202, { queued: true }) })
    expect(await connector.update('contacts', update)).toEqual([
      { kind: 'done', writeId: 'w', id: '1', image: {}, version: null },
    ])
  })

  test('in an unknown shape is looked up by its stamp when it was a creation', async () => {
    const { connector } = scripted({
      'POST /crm/v3/objects/contacts/batch/upsert': () => json(202, {}),
      [READ]: (request) => {
        expect(ids(request)).toEqual(['rec-1', 'rec-2'])
        return batch([row('11', { attio_record_id: 'rec-1' })])
      },
    })
    const item = (n: number) => ({
      writeId: `w${n}`,
      values: { attio_record_id: `rec-${n}` },
      stamp: { field: 'attio_record_id', value: `rec-${n}` },
    })
    expect(await connector.create('contacts', [item(1), item(2)])).toMatchObject([
      { kind: 'done', id: '11', image: {} },
      { kind: 'failed', error: { kind: 'ambiguous' } },
    ])
  })
})
