/** What the judge reads of a Salesforce org is what the org holds, in the shapes that mappings read. */
import { expect, test } from 'vitest'
import { createSalesforceModel } from '../../src/sandbox/salesforce/model.ts'
import type { Api } from './api.ts'
import { readSalesforce } from './salesforce.ts'

const model = createSalesforceModel({ clock: () => Date.UTC(2026, 10, 1), seed: 3, limits: 'off' })
Object.assign(model.settings, { duplicateRules: [], leadQueue: null, commitDelayMs: [0, 0] })

/** Without sockets. */
const api: Api = {
  get: async (path) => {
    const headers = { authorization: `Bearer ${model.token}` }
    const answer = model.handle({
      method: 'GET',
      url: `http://salesforce.invalid${path}`,
      headers,
      body: null,
    })
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${answer.body}`)
    return JSON.parse(answer.body) as unknown
  },
  post: async () => {
    throw new Error('the judge writes nothing')
  },
}

function create(object: string, values: Record<string, unknown>): string {
  return model.edit({ action: 'create', object, values }).id
}

test('values, references, record types, roles, and no converted leads', async () => {
  const type = create('RecordType', {
    SobjectType: 'Opportunity',
    DeveloperName: 'Partner',
    Name: 'Partners',
  })
  const account = create('Account', { Name: 'Engines', NumberOfEmployees: 12 })
  const contact = create('Contact', { LastName: 'King', AccountId: account })
  const other = create('Contact', { LastName: 'Babbage' })
  const deal = create('Opportunity', {
    Name: 'Ten engines',
    StageName: 'Prospecting',
    CloseDate: '2026-12-31',
    Amount: 1200.5,
    RecordTypeId: type,
  })
  create('OpportunityContactRole', {
    OpportunityId: deal,
    ContactId: contact,
    Role: 'Evaluator',
    IsPrimary: true,
  })
  create('OpportunityContactRole', { OpportunityId: deal, ContactId: other })
  const lead = create('Lead', { LastName: 'Hopper', Company: 'Compilers', Title: 'Rear Admiral' })
  const heir = model.edit({ action: 'convert', object: 'Lead', id: lead, values: { opportunityName: null } })
  const open = create('Lead', { LastName: 'Lamarr', Company: 'Frequencies' })

  const org = await readSalesforce(api)
  expect(await org.records('Account', ['Name', 'NumberOfEmployees', 'Missing__c'])).toEqual(
    new Map([
      [account, { Name: 'Engines', NumberOfEmployees: '12' }],
      [expect.any(String), { Name: 'Compilers', NumberOfEmployees: null }],
    ]),
  )
  expect((await org.records('Contact', ['AccountId', 'Email']))?.get(contact)).toEqual({
    AccountId: [{ object: 'Account', id: account }],
    Email: null,
  })
  const fields = ['Amount', 'RecordTypeId', 'association:Contact', 'association:Contact/Evaluator']
  const found = (await org.records('Opportunity', fields))?.get(deal)
  expect(found).toMatchObject({
    Amount: '1200.5',
    RecordTypeId: 'Partner',
    'association:Contact/Evaluator': [{ object: 'Contact', id: contact }],
  })
  expect(found?.['association:Contact']).toHaveLength(2)
  expect(await org.former?.('Contact', ['Title'])).toEqual([
    { id: lead, heir: heir.id, values: { Title: 'Rear Admiral' } },
  ])
  expect(await org.former?.('Account', ['Name'])).toEqual([])
  expect([...((await org.records('Lead', ['LastName'])) ?? new Map()).keys()]).toEqual([open])
  expect(org.users.some(({ id, active }) => id === org.tokenOwner && active)).toBe(true)
})
