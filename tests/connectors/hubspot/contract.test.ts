import type { ApiVersion } from '../../../src/connectors/hubspot/paths.ts'
import type { HubSpotModel } from '../../../src/sandbox/hubspot/model.ts'
import { connectorContract } from '../contract/connector-contract.ts'
import type { ConnectorFixture, Person } from '../contract/fixture.ts'
import { sandbox } from './sandbox.ts'

const CONTACTS = 'contacts'
const TEXT = 'jobtitle'
const STAMP = 'attio_record_id'

const emailOf = (n: number) => `person${n}@example.org`
const person = (n: number) => ({ email: emailOf(n), firstname: 'Person', lastname: `No ${n}` })

function personIn(model: HubSpotModel): Person {
  const change = (id: string, text: string): void => {
    model.edit({ action: 'update', object: CONTACTS, id, values: { [TEXT]: text } })
  }
  return {
    create: (n) => model.edit({ action: 'create', object: CONTACTS, values: person(n) }).id,
    setText: (id, text) => change(id, text),
    clearText: (id) => change(id, ''),
    remove: (id) => {
      model.edit({ action: 'delete', object: CONTACTS, id })
    },
    merge: (id, other) =>
      model.edit({ action: 'merge', object: CONTACTS, id, other: { object: CONTACTS, id: other } }).id,
  }
}

const fixture = (apiVersion: ApiVersion) => async (): Promise<ConnectorFixture> => {
  const { model, connector, ...rest } = sandbox({ apiVersion })
  const interests = {
    name: 'interests',
    label: 'Interests',
    type: 'enumeration',
    fieldType: 'checkbox',
    groupName: 'contactinformation',
    options: ['a', 'b', 'c'].map((value, displayOrder) => ({
      label: value,
      value,
      displayOrder,
      hidden: false,
    })),
  }
  model.handle({
    method: 'POST',
    url: 'https://api.hubapi.example/crm/v3/properties/contacts',
    headers: { authorization: `Bearer ${model.token}`, 'content-type': 'application/json' },
    body: JSON.stringify(interests),
  })
  await connector.createField('companies', { name: STAMP, label: 'Attio id', description: '', unique: true })
  // Whether a field is unique decides how it is looked up, and the description tells.
  await connector.describe('companies')
  return {
    ...rest,
    connector,
    sample: {
      object: CONTACTS,
      text: TEXT,
      key: 'email',
      keyIsUnique: true,
      values: person,
      keyOf: emailOf,
      refused: (n) => ({ ...person(n), lifecyclestage: 'no such stage' }),
    },
    newField: 'contract_stamp',
    stamped: {
      object: 'companies',
      stamp: STAMP,
      values: (n) => ({ name: `Company ${n}`, domain: `company${n}.example` }),
    },
    several: { field: interests.name, values: ['a', 'b', 'c'] },
    switchedOff: null,
    person: personIn(model),
  }
}

connectorContract('HubSpot', fixture('legacy'))
connectorContract('HubSpot in its dated version', fixture('2026-09'))
