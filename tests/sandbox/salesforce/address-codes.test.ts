/** State and country picklists: what an org shows and refuses where they are on (Salesforce fact sheet 17). */
import { describe, expect, test } from 'vitest'
import { problem, TestOrg, type Body } from './test-org.ts'

const picky = (): TestOrg => new TestOrg({ settings: { addressPicklists: true } })

const SHOWN = 'BillingCountry, BillingCountryCode, BillingState, BillingStateCode'

function shown(org: TestOrg, id: string): unknown[] {
  const [row] = org.ask(`SELECT ${SHOWN} FROM Account WHERE Id = '${id}'`).body.records
  return [row.BillingCountry, row.BillingCountryCode, row.BillingState, row.BillingStateCode]
}

const BERLIN = ['Germany', 'DE', null, null]
const TEXAS = ['United States', 'US', 'Texas', 'TX']

describe('state and country picklists', () => {
  test('are off unless the org has them', () => {
    const org = new TestOrg()
    const id = org.create('Account', { Name: 'Acme', BillingState: 'Somewhere' })
    expect(org.get(`/sobjects/Account/${id}`).body.BillingAddress).not.toHaveProperty('stateCode')
    expect(org.ask('SELECT BillingStateCode FROM Account').body[0].errorCode).toBe('INVALID_FIELD')
  })

  test('are described as dependent picklists', () => {
    const fields: Body[] = picky().get('/sobjects/Contact/describe').body.fields
    const named = (name: string): Body => fields.find((field) => field.name === name)
    expect(named('MailingCountryCode')).toMatchObject({
      label: 'Mailing Country Code',
      type: 'picklist',
      length: 10,
      restrictedPicklist: true,
      compoundFieldName: 'MailingAddress',
      controllerName: null,
    })
    const states = named('MailingStateCode')
    expect(states).toMatchObject({
      label: 'Mailing State/Province Code',
      dependentPicklist: true,
      controllerName: 'MailingCountryCode',
    })
    const countries: Body[] = named('MailingCountryCode').picklistValues
    const index = countries.findIndex(({ value }) => value === 'US')
    const texas = states.picklistValues.find(({ value }: Body) => value === 'TX')
    const bits = Buffer.from(texas.validFor, 'base64')
    expect((bits[index >> 3] ?? 0) & (0x80 >> (index & 7))).not.toBe(0)
    expect(named('MailingState').type).toBe('string')
  })

  test('name and code follow each other', () => {
    const org = picky()
    const id = org.create('Account', {
      Name: 'Acme',
      BillingCountry: 'United States',
      BillingStateCode: 'TX',
    })
    expect(shown(org, id)).toEqual(TEXAS)
    const { BillingAddress } = org.get(`/sobjects/Account/${id}`).body
    expect(Object.keys(BillingAddress)).toEqual([
      'city',
      'country',
      'countryCode',
      'geocodeAccuracy',
      'latitude',
      'longitude',
      'postalCode',
      'state',
      'stateCode',
      'street',
    ])
    expect(
      org.patch(`/sobjects/Account/${id}`, { BillingState: null, BillingCountryCode: 'DE' }).status,
    ).toBe(204)
    expect(shown(org, id)).toEqual(BERLIN)
    expect(org.patch(`/sobjects/Account/${id}`, { BillingCountry: null }).status).toBe(204)
    expect(shown(org, id)).toEqual([null, null, null, null])
    org.patch(`/sobjects/Account/${id}`, { BillingCountryCode: 'BR', BillingStateCode: 'MS' })
    expect(shown(org, id)).toEqual(['Brazil', 'BR', 'Mato Grosso do Sul', 'MS'])
    org.patch(`/sobjects/Account/${id}`, { BillingCountry: null, BillingState: null })
    expect(shown(org, id)).toEqual([null, null, null, null])
  })

  test.each([
    [
      { State: 'San Francisco' },
      'State',
      'A country/territory must be specified before specifying a state value for field: State/Province',
    ],
    [
      { Country: 'Germania' },
      'Country',
      "There's a problem with this country, even though it may appear correct. Please select a country/territory from the list of valid countries.: Country",
    ],
    [
      { Country: 'US' },
      'Country',
      "There's a problem with this country, even though it may appear correct. Please select a country/territory from the list of valid countries.: Country",
    ],
    [
      { Country: 'Canada', State: 'Texas' },
      'State',
      "There's a problem with this state, even though it may appear correct. Please select a state from the list of valid states.: State/Province",
    ],
    [
      { Country: 'Canada', StateCode: 'TX' },
      'StateCode',
      "The existing country/territory doesn't recognize the state value for field: State/Province Code",
    ],
    [
      { Country: 'Canada', CountryCode: 'US' },
      'Country',
      'Mismatched integration value and ISO code for field: Country',
    ],
  ])('%j is refused', (address, field, message) => {
    const lead = { LastName: 'Danis', Company: 'itus.ru', ...address }
    expect(picky().post('/sobjects/Lead', lead)).toMatchObject({
      status: 400,
      body: [{ errorCode: 'FIELD_INTEGRITY_EXCEPTION', fields: [field], message }],
    })
  })

  test('an unknown code is a bad value', () => {
    const lead = { LastName: 'Danis', Company: 'itus.ru', CountryCode: 'XX' }
    expect(problem(picky().post('/sobjects/Lead', lead))).toEqual([
      400,
      'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
      ['CountryCode'],
    ])
  })

  test('text of before is refused in the next save', () => {
    const org = new TestOrg()
    const id = org.create('Account', { Name: 'Acme', BillingCountry: 'Deutschland' })
    org.model.settings.addressPicklists = true
    expect(problem(org.patch(`/sobjects/Account/${id}`, { Name: 'Acme Ltd' }))).toEqual([
      400,
      'FIELD_INTEGRITY_EXCEPTION',
      ['BillingCountry'],
    ])
    expect(org.patch(`/sobjects/Account/${id}`, { BillingCountryCode: 'DE' }).status).toBe(204)
    expect(shown(org, id)).toEqual(BERLIN)
  })

  test('a converted lead hands its address over', () => {
    const org = picky()
    const id = org.create('Lead', { LastName: 'Danis', Company: 'Acme', CountryCode: 'US', State: 'Texas' })
    const contact = org.model.edit({ action: 'convert', object: 'Lead', id }).id
    const { ConvertedAccountId: account } = org.read('Lead', id)
    expect(shown(org, account)).toEqual(TEXAS)
    expect(org.read('Contact', contact)).toMatchObject({ MailingCountryCode: 'US', MailingStateCode: 'TX' })
  })
})
