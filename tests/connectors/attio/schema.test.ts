/** What the connector makes of an object's attributes, and how it adds one. */
import { describe, expect, test } from 'vitest'
import { answer, attributePages, refusal, scriptedAttio, wireAttribute } from './answers.ts'
import { connectorOver, scripted } from './scripted.ts'
describe('the schema', () => {
  test('options are asked for, archived attributes left out, targets named by object', async () => {
    const attributes = [
      wireAttribute('tier', 'select'),
      wireAttribute('old', 'text', { is_archived: true }),
      wireAttribute('team', 'record-reference', {
        is_multiselect: true,
        config: { record_reference: { allowed_object_ids: ['o-people', 'o-gone'] } },
      }),
      wireAttribute('strength', 'select', { is_writable: false }),
    ]
    const { connector } = scripted({
      ...attributePages('companies', attributes),
      'GET /v2/objects': answer([{ id: { object_id: 'o-people' }, api_slug: 'people' }]),
      'GET /v2/objects/companies/attributes/tier/options': answer([{ title: 'Gold', is_archived: false }]),
      'GET /v2/objects/companies/attributes/strength/options': refusal(400, 'validation_type'),
    })
    const { fields } = await connector.describe('companies')
    expect([...fields.keys()]).toEqual(['tier', 'team', 'strength'])
    expect(fields.get('tier')?.options).toEqual([{ value: 'Gold', label: 'Gold', archived: false }])
    expect(fields.get('team')).toMatchObject({ type: 'reference', multiple: true, targets: ['people'] })
    expect(fields.get('strength')).toMatchObject({ options: null, readOnly: true })
  })

  test.each([
    ['deals', refusal(400, 'standard_object_disabled'), 'unavailable'],
    ['deals', refusal(404, 'not_found'), 'unavailable'],
    ['gadgets', refusal(404, 'not_found'), 'not-found'],
  ])('%s that does not answer', async (object, response, kind) => {
    const { transport } = scriptedAttio({
      [`GET /v2/objects/${object}/attributes?limit=100&offset=0`]: response,
    })
    await expect(connectorOver(transport).describe(object)).rejects.toMatchObject({ kind })
  })

  describe('a new field', () => {
    const field = { name: 'stamp', label: 'Stamp', description: '', unique: true }
    const post = 'POST /v2/objects/deals/attributes'
    const existing = 'GET /v2/objects/deals/attributes/stamp'
    const equal = wireAttribute('stamp', 'text', { is_unique: true })

    test('is created', async () => {
      const { connector, sent } = scripted({ [post]: answer(equal) })
      await connector.createField('deals', field)
      expect(sent[0]?.body).toMatchObject({
        data: { api_slug: 'stamp', type: 'text', is_unique: true, config: {} },
      })
    })

    test('is left alone when an equal one exists, and brought back when that is archived', async () => {
      const patch = 'PATCH /v2/objects/deals/attributes/stamp'
      const taken = { [post]: refusal(409, 'slug_conflict'), [patch]: answer(equal) }
      const live = scripted({ ...taken, [existing]: answer(equal) })
      await live.connector.createField('deals', field)
      expect(live.sent.some(({ route }) => route === patch)).toBe(false)
      const archived = scripted({ ...taken, [existing]: answer({ ...equal, is_archived: true }) })
      await archived.connector.createField('deals', field)
      expect(archived.sent).toContainEqual({ route: patch, body: { data: { is_archived: false } } })
    })

    test.each([{ type: 'number' }, { is_unique: false }, { is_multiselect: true }])(
      'is refused beside one with %o',
      async (difference) => {
        const { connector } = scripted({
          [post]: refusal(409, 'slug_conflict'),
          [existing]: answer({ ...equal, ...difference }),
        })
        await expect(connector.createField('deals', field)).rejects.toMatchObject({
          kind: 'rejected',
          fields: ['stamp'],
        })
      },
    )
  })
})
