import { describe, expect, test } from 'vitest'
import { ALL_PERMISSIONS } from '../../../src/sandbox/salesforce/settings.ts'
import { addField, sandbox, STAMP, UNIQUE_TEXT } from './sandbox.ts'

const field = { name: STAMP, label: 'Attio Record Id', description: 'The record in Attio', unique: true }

describe('describe', () => {
  test('tells apart what is required, what is filled by the org, and what cannot be written', async () => {
    const { connector } = sandbox()
    const { object, fields } = await connector.describe('contact')
    expect(object).toBe('Contact')
    expect(fields.get('LastName')).toMatchObject({
      required: true,
      readOnly: false,
      type: 'text',
      lengthMax: 80,
    })
    expect(fields.get('OwnerId')).toMatchObject({ required: true, defaulted: true, type: 'user' })
    expect(fields.get('Name')).toMatchObject({ readOnly: true })
    expect(fields.get('MailingAddress')).toMatchObject({ readOnly: true, type: 'location' })
    expect(fields.get('AccountId')).toMatchObject({
      type: 'reference',
      targets: ['Account'],
      channel: 'value',
    })
    expect(fields.get('SystemModstamp')).toMatchObject({ readOnly: true, type: 'instant' })
  })

  test('offers a stage in the record types that have it', async () => {
    const { model, connector } = sandbox()
    model.edit({
      action: 'create',
      object: 'RecordType',
      values: {
        SobjectType: 'Opportunity',
        DeveloperName: 'Tiny',
        Name: 'Tiny deals',
        picklists: { StageName: ['Prospecting', 'Closed Won'] },
      },
    })
    const { fields } = await connector.describe('Opportunity')
    const stages = new Map(fields.get('StageName')?.options?.map(({ value, within }) => [value, within]))
    expect(stages.get('Prospecting')).toContain('Tiny')
    expect(stages.get('Qualification')).not.toContain('Tiny')
    expect(fields.get('RecordTypeId')?.options?.map(({ value }) => value)).toContain('Tiny')
  })

  test('knows one kind of record where there are no record types', async () => {
    const { model, connector } = sandbox()
    const { id } = model.edit({ action: 'create', object: 'Contact', values: { LastName: 'X' } })
    const { fields } = await connector.describe('Contact')
    expect(fields.get('RecordTypeId')?.options).toEqual([
      { value: 'Master', label: 'Master', archived: false },
    ])
    const [reading] = await connector.read({ object: 'Contact', ids: [id], fields: ['RecordTypeId'] })
    expect(reading).toMatchObject({ snapshot: { values: { RecordTypeId: 'Master' } } })
  })

  test('says of a field that is not there that it may be hidden', async () => {
    const { connector } = sandbox({ settings: { hiddenFields: ['Contact.Title'] } })
    const schema = await connector.describe('Contact')
    expect(schema.fields.has('Title')).toBe(false)
    expect(schema.missingFieldHint).toContain('Permission Sets')
  })

  test('shows contact roles as associations of opportunities', async () => {
    const { connector } = sandbox()
    const { fields } = await connector.describe('Opportunity')
    expect(fields.get('association:Contact')).toMatchObject({
      channel: 'edge',
      targets: ['Contact'],
      multiple: true,
    })
    expect(fields.get('association:Contact/Decision Maker')).toMatchObject({ channel: 'edge' })
  })
})

describe('a field that is asked for', () => {
  test('and has become hidden is left out of what was read, not read as blank', async () => {
    const { model, connector } = sandbox()
    const { id } = model.edit({
      action: 'create',
      object: 'Contact',
      values: { LastName: 'X', Title: 'CTO' },
    })
    const read = async () => {
      const [reading] = await connector.read({ object: 'Contact', ids: [id], fields: ['LastName', 'Title'] })
      return reading?.kind === 'found' ? reading.snapshot.values : reading?.kind
    }
    expect(await read()).toEqual({ LastName: 'X', Title: 'CTO' })
    model.settings.hiddenFields = ['Contact.Title']
    expect(await read()).toEqual({ LastName: 'X' })
    model.settings.hiddenFields = []
    // Somebody gave the permission back: the next description shows it.
    await connector.describe('Contact')
    expect(await read()).toEqual({ LastName: 'X', Title: 'CTO' })
  })
})

describe('making a field', () => {
  test('makes it visible and writable for the connection, once', async () => {
    const { connector, requests } = sandbox()
    await connector.createField('Contact', field)
    const { fields } = await connector.describe('Contact')
    expect(fields.get(STAMP)).toMatchObject({ type: 'text', unique: true, readOnly: false, lengthMax: 64 })
    const before = requests.length
    await connector.createField('Contact', field)
    expect(requests.slice(before).filter((route) => !route.startsWith('GET'))).toEqual([])
  })

  test('shares one permission set between objects', async () => {
    const { model, connector } = sandbox()
    await connector.createField('Contact', field)
    await connector.createField('Account', field)
    const sets = Object.values(model.dump()['PermissionSet'] ?? {}).filter(
      ({ values }) => values['Name'] === 'Attune',
    )
    expect(sets).toHaveLength(1)
  })

  test('adopts a field that an admin made and showed to nobody', async () => {
    const { model, connector } = sandbox()
    addField(model, `Contact.${STAMP}`, UNIQUE_TEXT)
    model.settings.hiddenFields = []
    await connector.createField('Contact', field)
    expect((await connector.describe('Contact')).fields.has(STAMP)).toBe(true)
  })

  test('without the permission says which clicks make it', async () => {
    const permissions = ALL_PERMISSIONS.filter((name) => name !== 'CustomizeApplication')
    const { connector } = sandbox({ settings: { permissions } })
    await expect(connector.createField('Contact', field)).rejects.toMatchObject({
      name: 'ConnectorError',
      message: expect.stringContaining(`Contact.${STAMP}`),
      hint: expect.stringMatching(/Object Manager, Contact, .*Unique and External ID.*Customize Application/),
    })
  })

  test('that exists read-only says which box to check', async () => {
    const { model, connector } = sandbox()
    addField(model, `Contact.${STAMP}`, UNIQUE_TEXT)
    model.settings.readOnlyFields = [`Contact.${STAMP}`]
    await expect(connector.createField('Contact', field)).rejects.toMatchObject({
      kind: 'rejected',
      hint: expect.stringContaining('Edit Access'),
    })
  })
})

test('permissions that are missing are named as Setup names them', async () => {
  const { connector } = sandbox()
  expect(await connector.missingScopes({ object: 'Contact', write: true })).toEqual([])
  await expect(connector.describe('Nothing__c')).rejects.toMatchObject({
    kind: 'not-found',
    hint: expect.stringContaining('Object Settings'),
  })
})
