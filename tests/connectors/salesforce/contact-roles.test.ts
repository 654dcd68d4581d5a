import { describe, expect, test } from 'vitest'
import type { AssociateItem } from '../../../src/connectors/writing.ts'
import { sandbox } from './sandbox.ts'

const PEOPLE = 'association:Contact'
const DECIDES = 'association:Contact/Decision Maker'
const PRIMARY = 'association:Contact/primary'

function deal() {
  const org = sandbox()
  const make = (object: string, values: Record<string, unknown>) =>
    org.model.edit({ action: 'create', object, values }).id
  const id = make('Opportunity', { Name: 'D', StageName: 'Prospecting', CloseDate: '2026-06-01' })
  const contacts = ['Ada', 'Ben', 'Cleo'].map((LastName) => make('Contact', { LastName }))
  const [ada = '', ben = '', cleo = ''] = contacts
  const refs = (...ids: string[]) => ids.toSorted().map((each) => ({ object: 'Contact', id: each }))
  return {
    ...org,
    id,
    ada,
    ben,
    cleo,
    refs,
    join: (contact: string, label?: string) =>
      org.model.edit({
        action: 'associate',
        object: 'Opportunity',
        id,
        other: { object: 'Contact', id: contact, ...(label !== undefined && { label }) },
      }),
    read: async (fields = [PEOPLE, DECIDES]) => {
      const [reading] = await org.connector.read({ object: 'Opportunity', ids: [id], fields })
      return reading?.kind === 'found' ? reading.snapshot.values : null
    },
    change: (item: Pick<AssociateItem, 'field' | 'add' | 'remove'>) =>
      org.connector.associate('Opportunity', [{ writeId: 'w', id, ...item }]),
    rows: () =>
      Object.values(org.model.dump()['OpportunityContactRole'] ?? {}).filter(({ state }) => state === 'live'),
  }
}

describe('people of an opportunity', () => {
  test('are read by id and in listings, each once, with and without their role', async () => {
    const at = deal()
    at.join(at.ada, 'Decision Maker')
    at.join(at.ada)
    at.join(at.ben)
    at.settle()
    const values = { [PEOPLE]: at.refs(at.ada, at.ben), [DECIDES]: at.refs(at.ada) }
    expect(await at.read()).toEqual(values)
    const before = at.requests.length
    const page = await at.connector.list({ object: 'Opportunity', fields: [PEOPLE, DECIDES], cursor: null })
    expect(page.records.map((record) => record.values)).toEqual([values])
    expect(at.requests.length - before).toBe(1)
  })

  test('join once, however often it is asked for', async () => {
    const at = deal()
    const add = { field: PEOPLE, add: at.refs(at.ada, at.ben), remove: [] }
    expect(await at.change(add)).toMatchObject([{ kind: 'done', id: at.id }])
    expect(await at.change(add)).toMatchObject([{ kind: 'done' }])
    expect(at.rows()).toHaveLength(2)
  })

  test('get a role on the row they have, and keep taking part when they lose it', async () => {
    const at = deal()
    at.join(at.ada)
    await at.change({ field: DECIDES, add: at.refs(at.ada), remove: [] })
    expect(at.rows()).toMatchObject([{ values: { Role: 'Decision Maker' } }])
    await at.change({ field: DECIDES, add: [], remove: at.refs(at.ada) })
    expect(await at.read()).toEqual({ [PEOPLE]: at.refs(at.ada), [DECIDES]: [] })
  })

  test('leave with all their rows', async () => {
    const at = deal()
    at.join(at.ada, 'Decision Maker')
    at.join(at.ada, 'Influencer')
    await at.change({ field: PEOPLE, add: at.refs(at.cleo), remove: at.refs(at.ada) })
    expect(await at.read()).toEqual({ [PEOPLE]: at.refs(at.cleo), [DECIDES]: [] })
  })

  test('have one who is primary', async () => {
    const at = deal()
    await at.change({ field: PRIMARY, add: at.refs(at.ada), remove: [] })
    await at.change({ field: PRIMARY, add: at.refs(at.ben), remove: at.refs(at.ada) })
    expect(await at.read([PRIMARY, PEOPLE])).toEqual({
      [PRIMARY]: at.refs(at.ben),
      [PEOPLE]: at.refs(at.ada, at.ben),
    })
  })

  test('are not what another object has', async () => {
    const at = deal()
    const [outcome] = await at.connector.associate('Account', [
      { writeId: 'w', id: '001', field: PEOPLE, add: [], remove: [] },
    ])
    expect(outcome).toMatchObject({ kind: 'failed', error: { kind: 'rejected' } })
  })

  test('half of them refused leaves an outcome that has to be looked at', async () => {
    const at = deal()
    const nobody = { object: 'Contact', id: '003000000000999AAA' }
    const [outcome] = await at.change({ field: PEOPLE, add: [...at.refs(at.ada), nobody], remove: [] })
    expect(outcome).toMatchObject({ kind: 'failed', error: { kind: 'ambiguous' } })
  })
})
