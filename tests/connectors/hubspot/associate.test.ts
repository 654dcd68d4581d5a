/** Associations: which calls add and remove them, and what of each answer counts. */
import { describe, expect, test } from 'vitest'
import { batch, json, refusal, scripted } from './scripted.ts'

describe('associating', () => {
  const BASE = '/crm/v4/associations/contacts/companies'
  const created = (pairs: readonly (readonly [number, number])[], errors: readonly unknown[] = []) =>
    batch(
      pairs.map(([fromObjectId, toObjectId]) => ({
        fromObjectTypeId: '0-1',
        fromObjectId,
        toObjectTypeId: '0-2',
        toObjectId,
        labels: [],
      })),
      errors,
      201,
    )
  const to = (id: string) => ({ object: 'companies', id })
  const item = (id: string, add: string[], remove: string[] = [], field = 'association:companies') => ({
    writeId: `w${id}`,
    id,
    field,
    add: add.map(to),
    remove: remove.map(to),
  })

  test('adds before it removes, with the type of the direction', async () => {
    const { connector, sent } = scripted({
      [`POST ${BASE}/batch/create`]: () => created([[1, 7]]),
      [`POST ${BASE}/batch/archive`]: () => ({ status: 204, headers: {}, body: '' }),
    })
    expect(await connector.associate('contacts', [item('1', ['7'], ['8'])])).toEqual([
      { kind: 'done', writeId: 'w1', id: '1', image: {}, version: null },
    ])
    expect(sent.map(({ path, body }) => [path, body])).toEqual([
      [
        `${BASE}/batch/create`,
        {
          inputs: [
            {
              from: { id: '1' },
              to: { id: '7' },
              types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 279 }],
            },
          ],
        },
      ],
      [`${BASE}/batch/archive`, { inputs: [{ from: { id: '1' }, to: [{ id: '8' }] }] }],
    ])
  })

  test('removes only the label of a labelled association, and asks the account for user labels', async () => {
    const { connector, sentTo } = scripted({
      [`GET ${BASE}/labels`]: () =>
        json(200, { results: [{ category: 'USER_DEFINED', typeId: 77, label: 'Decision maker' }] }),
      [`POST ${BASE}/batch/labels/archive`]: () => ({ status: 204, headers: {}, body: '' }),
    })
    const field = 'association:companies/decision-maker'
    expect(await connector.associate('contacts', [item('1', [], ['8'], field)])).toMatchObject([
      { kind: 'done' },
    ])
    expect(sentTo(`${BASE}/batch/labels/archive`)[0]?.body).toEqual({
      inputs: [
        {
          from: { id: '1' },
          to: { id: '8' },
          types: [{ associationCategory: 'USER_DEFINED', associationTypeId: 77 }],
        },
      ],
    })
    expect(
      await connector.associate('contacts', [item('1', ['8'], [], 'association:companies/boss')]),
    ).toMatchObject([{ kind: 'failed', error: { kind: 'rejected' } }])
  })

  test('reports per item what became of its pairs', async () => {
    const gone = (id: string) => ({
      status: 'error',
      category: 'OBJECT_NOT_FOUND',
      message: `One or more associations are invalid`,
      context: { INVALID_OBJECT_IDS: [`COMPANY=${id} is not valid`] },
    })
    const self = {
      status: 'error',
      category: 'VALIDATION_ERROR',
      message: 'Object 5 cannot be associated to itself (5)',
      context: {},
    }
    const { connector } = scripted({
      [`POST ${BASE}/batch/create`]: () =>
        created(
          [
            [1, 7],
            [2, 7],
          ],
          [gone('8'), gone('3'), self],
        ),
    })
    const items = [
      item('1', ['7']),
      item('2', ['7', '8']),
      item('3', ['7']),
      item('4', ['8']),
      item('5', ['5']),
      item('6', ['9']),
    ]
    const outcomes = await connector.associate('contacts', items)
    const kinds = outcomes.map((outcome) => (outcome.kind === 'done' ? 'done' : outcome.error.kind))
    expect(kinds).toEqual(['done', 'ambiguous', 'not-found', 'stale', 'rejected', 'ambiguous'])
  })

  test('halves a batch that is rejected as a whole', async () => {
    const { connector } = scripted({
      [`POST ${BASE}/batch/create`]: (request) => {
        const { inputs } = request.body as { inputs: readonly { to: { id: string } }[] }
        if (inputs.some((input) => input.to.id === '8'))
          return refusal(400, 'One or more associations are invalid')
        return created([[1, 7]])
      },
    })
    expect(await connector.associate('contacts', [item('1', ['7']), item('2', ['8'])])).toMatchObject([
      { kind: 'done' },
      { kind: 'failed', error: { kind: 'rejected' } },
    ])
  })

  describe('to two objects', () => {
    const TICKETS = '/crm/v4/associations/contacts/tickets'
    const both = [item('1', ['7']), item('2', ['8'], [], 'association:tickets')]

    test('sends neither call after the other', async () => {
      const { promise: ticketsAsked, resolve } = Promise.withResolvers<void>()
      const { connector } = scripted({
        // Answers only once the other call is on its way.
        [`POST ${BASE}/batch/create`]: async () => {
          await ticketsAsked
          return created([[1, 7]])
        },
        [`POST ${TICKETS}/batch/create`]: () => {
          resolve()
          return created([[2, 8]])
        },
      })
      expect(await connector.associate('contacts', both)).toMatchObject([
        { kind: 'done', id: '1' },
        { kind: 'done', id: '2' },
      ])
    })

    test('says of which one it was turned away', async () => {
      const { connector } = scripted({
        [`POST ${BASE}/batch/create`]: () => created([[1, 7]]),
        [`POST ${TICKETS}/batch/create`]: () => refusal(403, 'no', { category: 'MISSING_SCOPES' }),
      })
      expect(await connector.associate('contacts', both)).toMatchObject([
        { kind: 'done', id: '1' },
        { kind: 'failed', error: { kind: 'unauthorized' } },
      ])
    })

    test('throws when it was turned away from both', async () => {
      const { connector } = scripted({
        [`POST ${BASE}/batch/create`]: () => refusal(401, 'no'),
        [`POST ${TICKETS}/batch/create`]: () => refusal(401, 'no'),
      })
      await expect(connector.associate('contacts', both)).rejects.toMatchObject({ kind: 'unauthorized' })
    })
  })
})
