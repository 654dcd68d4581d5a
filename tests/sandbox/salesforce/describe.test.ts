/** Describe results: their shape against recorded ones, and what permissions and switches change about them. */
import { describe, expect, test } from 'vitest'
import { ELSEWHERE } from '../../../src/sandbox/salesforce/catalogue/standard.ts'
import { isPresent, readSpec } from './specs.ts'
import { EXTERNAL_ID, problem, TestOrg, type Body } from './test-org.ts'

const RECORDED = [
  ['Account', 'Account.person-accounts-org'],
  ['Contact', 'Contact'],
  ['Lead', 'Lead'],
  ['Opportunity', 'Opportunity'],
  ['OpportunityContactRole', 'OpportunityContactRole'],
  ['Event', 'Event'],
] as const

/** Members that differ between orgs: they depend on features, labels that an admin changed, or record types. */
const OF_THE_ORG = new Set(['label', 'picklistValues'])

/** Account in an org with person accounts has names of two kinds. */
const PERSON_ACCOUNT_NAME = new Set(['extraTypeInfo', 'nillable', 'permissionable'])

const kindOf = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value

describe.skipIf(!isPresent)('against recorded describes', () => {
  const org = new TestOrg()

  test.each(RECORDED)('%s has the recorded members and their kinds', (object, file) => {
    const recorded = readSpec(`describe/${file}.json`)
    const ours = org.get(`/sobjects/${object}/describe`).body
    for (const [member, value] of Object.entries(recorded)) {
      // Some were recorded before the member existed.
      expect(Object.keys(ours), member).toContain(member)
      if (value !== null && ours[member] !== null)
        expect([member, kindOf(ours[member])]).toEqual([member, kindOf(value)])
    }
    expect(ours.name).toBe(object)
    expect([ours.keyPrefix, ours.mergeable, ours.undeletable, ours.replicateable]).toEqual([
      recorded.keyPrefix,
      recorded.mergeable,
      recorded.undeletable,
      recorded.replicateable,
    ])
  })

  test.each(RECORDED)('every field of %s says what the recorded one says', (object, file) => {
    const recorded = new Map<string, Body>(
      readSpec(`describe/${file}.json`).fields.map((field: Body) => [field.name, field]),
    )
    const ours: Body[] = org.get(`/sobjects/${object}/describe`).body.fields
    let compared = 0
    for (const field of ours) {
      const theirs = recorded.get(field.name)
      if (theirs === undefined) continue
      compared++
      expect(Object.keys(field).toSorted(), field.name).toEqual(Object.keys(theirs).toSorted())
      const ignored = object === 'Account' && field.name === 'Name' ? PERSON_ACCOUNT_NAME : OF_THE_ORG
      const shown = (each: Body): unknown =>
        Object.fromEntries(
          Object.entries(each)
            .filter(([member]) => !ignored.has(member) && !OF_THE_ORG.has(member))
            .map(([member, value]) =>
              // The vendor's lists name objects that are not modelled.
              [member, member === 'referenceTo' ? (value as string[]).length > 1 : value],
            ),
        )
      expect(shown(field), `${object}.${field.name}`).toEqual(shown(theirs))
    }
    expect(compared).toBeGreaterThan(10)
  })

  test('parents see their children under the recorded names', () => {
    let compared = 0
    for (const [object, file] of RECORDED) {
      const recorded: Body[] = readSpec(`describe/${file}.json`).childRelationships
      const ours: Body[] = org.get(`/sobjects/${object}/describe`).body.childRelationships
      for (const child of ours) {
        const theirs = recorded.find(
          (each) => each.childSObject === child.childSObject && each.field === child.field,
        )
        // With person accounts a reference to a contact is seen from the account as well.
        if (theirs === undefined || object === 'Account') continue
        compared += 1
        expect(child, `${object} ← ${child.childSObject}.${child.field}`).toEqual(theirs)
      }
    }
    expect(compared).toBeGreaterThan(10)
  })
})

describe('describe', () => {
  test('lists the objects of the org', () => {
    const { body } = new TestOrg().get('/sobjects')
    expect(body).toMatchObject({ encoding: 'UTF-8', maxBatchSize: 200 })
    const contact = body.sobjects.find((each: Body) => each.name === 'Contact')
    expect(contact).toMatchObject({
      keyPrefix: '003',
      createable: true,
      urls: { describe: '/services/data/v64.0/sobjects/Contact/describe' },
    })
    expect(body.sobjects.map((each: Body) => each.name)).not.toContain('CurrencyType')
  })

  test('names the addresses of an object as recorded', () => {
    const org = new TestOrg()
    const root = '/services/data/v64.0/sobjects'
    const { urls } = org.get('/sobjects/Account').body.objectDescribe
    expect(urls).toEqual({
      compactLayouts: `${root}/Account/describe/compactLayouts`,
      rowTemplate: `${root}/Account/{ID}`,
      approvalLayouts: `${root}/Account/describe/approvalLayouts`,
      listviews: `${root}/Account/listviews`,
      describe: `${root}/Account/describe`,
      quickActions: `${root}/Account/quickActions`,
      layouts: `${root}/Account/describe/layouts`,
      sobject: `${root}/Account`,
    })
    expect(Object.keys(org.get('/sobjects/Organization').body.objectDescribe.urls).sort()).toEqual([
      'describe',
      'rowTemplate',
      'sobject',
    ])
  })

  test('answers 304 while nothing has changed', () => {
    const org = new TestOrg()
    const path = '/sobjects/Contact/describe'
    const since = org.get(path).headers['last-modified'] ?? ''
    expect(org.get(path, { 'if-modified-since': since })).toMatchObject({ status: 304, body: '' })
    org.advance(2_000)
    org.model.settings.hiddenFields = ['Contact.Title']
    expect(org.get(path, { 'if-modified-since': since }).status).toBe(200)
    expect(org.get(path, { 'if-modified-since': 'yesterday' }).status).toBe(400)
  })

  test('an object of the vendor that is not modelled is 501, an unknown one 404', () => {
    const org = new TestOrg()
    expect(org.get('/sobjects/Campaign/describe').status).toBe(501)
    // n8n's node and the MCP servers ask for these; every org has them.
    for (const name of ['ApexClass', 'Report', 'EmailTemplate', 'OrderItem']) {
      expect([name, org.ask(`SELECT Id FROM ${name}`).status]).toEqual([name, 501])
    }
    const modelled: Body[] = org.get('/sobjects').body.sobjects
    expect(modelled.filter(({ name }) => ELSEWHERE.has(name.toLowerCase()))).toEqual([])
    expect(problem(org.get('/sobjects/Foo'))).toEqual([404, 'NOT_FOUND', undefined])
    expect(org.get('/sobjects/contact').body.objectDescribe.name).toBe('Contact')
  })

  test('hidden fields do not exist and read-only ones say so', () => {
    const org = new TestOrg({
      settings: { hiddenFields: ['Contact.Title'], readOnlyFields: ['Contact.Phone'] },
    })
    const fields: Body[] = org.get('/sobjects/Contact/describe').body.fields
    expect(fields.some(({ name }) => name === 'Title')).toBe(false)
    expect(fields.find(({ name }) => name === 'Phone')).toMatchObject({
      createable: false,
      updateable: false,
    })
    expect(problem(org.ask('SELECT Title FROM Contact'))[1]).toBe('INVALID_FIELD')
    const written = org.post('/sobjects/Contact', { LastName: 'x', Title: 'CTO' })
    expect(written.body[0]).toMatchObject({
      errorCode: 'INVALID_FIELD',
      message: "No such column 'Title' on sobject of type Contact",
    })
    expect(problem(org.post('/sobjects/Contact', { LastName: 'x', Phone: '1' }))).toEqual([
      400,
      'INVALID_FIELD_FOR_INSERT_UPDATE',
      ['Phone'],
    ])
  })

  test('several currencies add a field', () => {
    const org = new TestOrg({ settings: { multiCurrency: true } })
    const id = org.create('Account', { Name: 'Acme' })
    expect(org.read('Account', id, 'CurrencyIsoCode').CurrencyIsoCode).toBe('USD')
    expect(problem(org.patch(`/sobjects/Account/${id}`, { CurrencyIsoCode: 'XXX' }))[1]).toBe(
      'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
    )
    expect(org.patch(`/sobjects/Account/${id}`, { CurrencyIsoCode: 'EUR' }).status).toBe(204)
    org.model.settings.multiCurrency = false
    expect(problem(org.get(`/sobjects/Account/${id}?fields=CurrencyIsoCode`))[1]).toBe('INVALID_FIELD')
  })

  test('record types appear with the first of them', () => {
    const org = new TestOrg()
    const master = { recordTypeId: '012000000000000AAA', master: true, defaultRecordTypeMapping: true }
    expect(org.get('/sobjects/Opportunity/describe').body.recordTypeInfos).toEqual([
      expect.objectContaining(master),
    ])
    const { id } = org.model.edit({
      action: 'create',
      object: 'RecordType',
      values: {
        SobjectType: 'Opportunity',
        DeveloperName: 'Partner',
        Name: 'Partner deal',
        picklists: { StageName: ['Prospecting', 'Closed Won'] },
      },
    })
    const described = org.get('/sobjects/Opportunity/describe').body
    expect(described.recordTypeInfos).toEqual([
      expect.objectContaining({ recordTypeId: id, developerName: 'Partner', defaultRecordTypeMapping: true }),
      expect.objectContaining({ ...master, defaultRecordTypeMapping: false }),
    ])
    expect(described.fields.some(({ name }: Body) => name === 'RecordTypeId')).toBe(true)
    const opportunity = org.create('Opportunity', {
      Name: 'x',
      StageName: 'Prospecting',
      CloseDate: '2026-06-01',
    })
    expect(org.rows('SELECT RecordType.DeveloperName FROM Opportunity')).toEqual([
      { RecordType: { attributes: expect.anything(), DeveloperName: 'Partner' } },
    ])
    const values = org.get(`/ui-api/object-info/Opportunity/picklist-values/${id}/StageName`).body.values
    expect(values.map(({ value }: Body) => value)).toEqual(['Prospecting', 'Closed Won'])
    const foreign = org.patch(`/sobjects/Opportunity/${opportunity}`, { RecordTypeId: '012000000000000AAA' })
    expect(problem(foreign)[1]).toBe('INVALID_CROSS_REFERENCE_KEY')
    const lead = org.model.edit({
      action: 'create',
      object: 'RecordType',
      values: { SobjectType: 'Lead', DeveloperName: 'Web', Name: 'Web lead' },
    }).id
    expect(org.patch(`/sobjects/Opportunity/${opportunity}`, { RecordTypeId: lead }).body).toEqual([
      {
        message: `Record Type ID: this ID value isn't valid for the user: ${lead}`,
        errorCode: 'INVALID_CROSS_REFERENCE_KEY',
        fields: ['RecordTypeId'],
      },
    ])
  })
})

describe('fields made over the Tooling API', () => {
  const FIELD = 'Contact.Attio_Record_Id__c'
  const definition = { FullName: FIELD, Metadata: { label: 'Attio record', ...EXTERNAL_ID } }
  const named = (org: TestOrg): Body =>
    org.get('/sobjects/Contact/describe').body.fields.find(({ name }: Body) => `Contact.${name}` === FIELD)

  test('are invisible until a permission set of the user grants them', () => {
    const org = new TestOrg()
    expect(org.post('/tooling/sobjects/CustomField', definition)).toMatchObject({
      status: 201,
      body: { success: true, id: expect.stringMatching(/^00N/) },
    })
    expect(named(org)).toBeUndefined()
    expect(problem(org.ask('SELECT Attio_Record_Id__c FROM Contact'))[1]).toBe('INVALID_FIELD')

    const set = org.create('PermissionSet', { Name: 'Sync', Label: 'Sync' })
    org.create('FieldPermissions', {
      ParentId: set,
      SobjectType: 'Contact',
      Field: FIELD,
      PermissionsRead: true,
      PermissionsEdit: true,
    })
    expect(named(org)).toBeUndefined()
    org.create('PermissionSetAssignment', {
      PermissionSetId: set,
      AssigneeId: org.model.identity.userId,
    })
    expect(named(org)).toMatchObject({
      externalId: true,
      unique: true,
      idLookup: true,
      custom: true,
      length: 64,
      createable: true,
      type: 'string',
    })
    expect(org.patch('/sobjects/Contact/Attio_Record_Id__c/a1', { LastName: 'x' }).status).toBe(201)
  })

  test('exist once, and need the permission to customise', () => {
    const org = new TestOrg()
    org.post('/tooling/sobjects/CustomField', definition)
    expect(problem(org.post('/tooling/sobjects/CustomField', definition))[1]).toBe('DUPLICATE_DEVELOPER_NAME')
    const found = org.get(
      `/tooling/query?q=${encodeURIComponent("SELECT Id, FullName FROM CustomField WHERE DeveloperName = 'Attio_Record_Id' AND TableEnumOrId = 'Contact'")}`,
    )
    expect(found.body).toMatchObject({ size: 1, records: [{ FullName: FIELD }] })
    org.model.settings.permissions = ['ApiEnabled']
    expect(problem(org.post('/tooling/sobjects/CustomField', definition))[0]).toBe(403)
  })

  test('a custom object has a prefix, a name and its own fields', () => {
    const org = new TestOrg()
    org.post('/tooling/sobjects/CustomObject', { FullName: 'Site__c', Metadata: { label: 'Site' } })
    org.addField('Site__c.Account__c', {
      type: 'Lookup',
      referenceTo: 'Account',
      relationshipName: 'Sites',
    })
    const account = org.create('Account', { Name: 'Acme' })
    const site = org.create('Site__c', { Name: 'HQ', Account__c: account })
    expect(site).toMatch(/^a00/)
    expect(org.rows('SELECT Name, Account__r.Name FROM Site__c')).toMatchObject([
      { Name: 'HQ', Account__r: { Name: 'Acme' } },
    ])
    expect(org.rows('SELECT (SELECT Name FROM Sites__r) FROM Account')).toMatchObject([
      { Sites__r: { totalSize: 1 } },
    ])
  })
})
