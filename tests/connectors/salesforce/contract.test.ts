import type { SalesforceModel } from '../../../src/sandbox/salesforce/model.ts'
import { connectorContract } from '../contract/connector-contract.ts'
import type { ConnectorFixture, Person } from '../contract/fixture.ts'
import { addField, sandbox, STAMP, UNIQUE_TEXT } from './sandbox.ts'

const CONTACT = 'Contact'
const TEXT = 'Title'

const emailOf = (n: number) => `person${n}@example.org`
const person = (n: number) => ({ Email: emailOf(n), FirstName: 'Person', LastName: `No ${n}` })

function personIn(model: SalesforceModel): Person {
  const change = (id: string, text: string | null): void => {
    model.edit({ action: 'update', object: CONTACT, id, values: { [TEXT]: text } })
  }
  return {
    create: (n) => model.edit({ action: 'create', object: CONTACT, values: person(n) }).id,
    setText: change,
    clearText: (id) => change(id, null),
    remove: (id) => {
      model.edit({ action: 'delete', object: CONTACT, id })
    },
    merge: (id, other) =>
      model.edit({ action: 'merge', object: CONTACT, id, other: { object: CONTACT, id: other } }).id,
  }
}

const fixture = (strict: boolean) => (): ConnectorFixture => {
  const { model, connector, strangersConnector, network, settle } = sandbox({ writes: { strict } })
  const values = ['a', 'b', 'c'] as const
  addField(model, 'Contact.Interests__c', {
    type: 'MultiselectPicklist',
    visibleLines: 4,
    valueSet: {
      valueSetDefinition: { sorted: false, value: values.map((fullName) => ({ fullName, label: fullName })) },
    },
  })
  addField(model, `Account.${STAMP}`, UNIQUE_TEXT)
  return {
    connector,
    strangersConnector,
    network,
    settle,
    sample: {
      object: CONTACT,
      text: TEXT,
      key: 'Email',
      keyIsUnique: false,
      values: person,
      keyOf: emailOf,
      refused: (n) => ({ ...person(n), Email: 'no address' }),
    },
    newField: 'Contract_Stamp__c',
    stamped: { object: 'Account', stamp: STAMP, values: (n) => ({ Name: `Company ${n}` }) },
    several: { field: 'Interests__c', values },
    switchedOff: null,
    vendor: null,
    person: personIn(model),
  }
}

connectorContract('Salesforce', fixture(false), { pushes: false })
connectorContract('Salesforce with conditional updates', fixture(true), { pushes: false })
