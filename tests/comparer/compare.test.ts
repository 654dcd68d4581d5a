/** A judge that always agrees would prove nothing: each kind of disagreement is found, and only that one. */
import { expect, test } from 'vitest'
import type { FieldValues } from '../../src/core/value.ts'
import { loadMapping } from '../../src/mapping/load.ts'
import { compare, type KnownException } from './compare.ts'
import type { Former, Replica } from './replica.ts'

const MAPPING = loadMapping(
  `
version: 1
pairing: attio-hubspot
left: { object: companies }
right: { object: companies }
match:
  - { left: domains, right: domain, as: domain }
fields:
  - { left: name, right: name }
  - { left: domains, right: domain, as: domains }
`,
  'companies.yaml',
)

type Records = Readonly<Record<string, FieldValues>>

function judged(
  left: Records,
  right: Records,
  exceptions: readonly KnownException[] = [],
  former: readonly Former[] = [],
) {
  return compare({
    replicas: { left: replica(left), right: replica(right, former) },
    documents: [MAPPING],
    exceptions,
  })
}

function replica(records: Records, former: readonly Former[] = []): Replica {
  return {
    users: [],
    tokenOwner: null,
    records: async () => new Map(Object.entries(records)),
    former: async () => former,
  }
}

const ACME: FieldValues = { name: 'Acme', domains: ['acme.example'] }
const ACME_RIGHT: FieldValues = { name: 'Acme', domain: 'acme.example' }

test('equal records agree', async () => {
  expect(await judged({ l1: ACME }, { r1: ACME_RIGHT })).toMatchObject({ pairs: 1, agree: true })
})

test('a different value is found by field', async () => {
  const judgement = await judged({ l1: ACME }, { r1: { ...ACME_RIGHT, name: 'Acme Inc' } })
  expect(judgement).toMatchObject({
    agree: false,
    differences: [{ field: 'name', leftRecord: 'l1', rightRecord: 'r1', left: 'Acme', right: 'Acme Inc' }],
  })
})

test('a stamp pairs what no key would', async () => {
  const left = { l1: { name: 'Acme', domains: [] } }
  const right = { r1: { name: 'Acme', domain: null, attio_record_id: 'l1' } }
  expect(await judged(left, right)).toMatchObject({ pairs: 1, agree: true })
})

test.each([
  ['names', { hubspot_id: 'old' }, {}],
  ['is named by', {}, { attio_record_id: 'l1' }],
])('a stamp that %s what the counterpart was pairs with what it is', async (_, left, old) => {
  const right = { r1: { name: 'Acme', domain: null } }
  const former = [{ id: 'old', heir: 'r1', values: old }]
  const judgement = await judged({ l1: { name: 'Acme', domains: [], ...left } }, right, [], former)
  expect(judgement).toMatchObject({ pairs: 1, agree: true })
})

test('whoever names a record itself comes before whoever names what it was, and is not the only one', async () => {
  const left = {
    l1: { name: 'Other', domains: [], hubspot_id: 'old' },
    l2: { name: 'Acme', domains: [], hubspot_id: 'r1' },
  }
  const former = [{ id: 'old', heir: 'r1', values: {} }]
  expect(await judged(left, { r1: { name: 'Acme', domain: null } }, [], former)).toMatchObject({
    differences: [],
    duplicates: [{ side: 'left', records: ['l2', 'l1'] }],
  })
})

test('what a record says of itself comes before what it was', async () => {
  const left = { l1: { name: 'Other', domains: [], hubspot_id: 'old' } }
  const right = { r1: { name: 'Acme', domain: null, attio_record_id: 'l2' } }
  const former = [{ id: 'old', heir: 'r1', values: { attio_record_id: 'l1' } }]
  expect(await judged(left, right, [], former)).toMatchObject({ pairs: 0 })
})

test('a record without a counterpart is found', async () => {
  const judgement = await judged({ l1: ACME }, {})
  expect(judgement).toMatchObject({ agree: false, unpaired: { left: [{ record: 'l1' }], right: [] } })
})

test('a record created twice is found', async () => {
  const right = {
    r1: { ...ACME_RIGHT, attio_record_id: 'l1' },
    r2: { name: 'Acme', domain: null, attio_record_id: 'l1' },
  }
  const judgement = await judged({ l1: ACME }, right)
  expect(judgement).toMatchObject({ agree: false, duplicates: [{ side: 'right', records: ['r1', 'r2'] }] })
})

test('an open conflict excuses its field and nothing else', async () => {
  const left = { l1: ACME, l2: { name: 'Other', domains: ['other.example'] } }
  const right = {
    r1: { ...ACME_RIGHT, name: 'Acme Inc' },
    r2: { name: 'Another', domain: 'other.example' },
  }
  const excused = [{ record: 'l1', field: 'name' }]
  expect(await judged(left, right, excused)).toMatchObject({
    agree: false,
    excused: 1,
    differences: [{ leftRecord: 'l2' }],
  })
})

test('of two mappings for one object, one counterpart is enough, and references mean the mapping that creates', async () => {
  const text = (right: string, create: string) => `
version: 1
pairing: attio-salesforce
left: { object: people }
right: { object: ${right} }
match:
  - { left: email_addresses, right: Email }
create: { left: yes, right: ${create} }
fields:
  - { left: email_addresses, right: Email }
`
  const documents = [
    loadMapping(text('Lead', 'no'), 'leads.yaml'),
    loadMapping(text('Contact', 'yes'), 'people.yaml'),
  ]
  const people = { p1: { email_addresses: ['a@x.example'] }, p2: { email_addresses: ['b@x.example'] } }
  const judge = (leads: Records, contacts: Records) =>
    compare({
      replicas: {
        left: replica(people),
        right: {
          users: [],
          tokenOwner: null,
          records: async (object) => new Map(Object.entries(object === 'Lead' ? leads : contacts)),
        },
      },
      documents,
      exceptions: [],
      stamps: { left: 'salesforce_id', right: 'Attio_Record_Id__c' },
    })
  const [a, b] = [{ Email: 'a@x.example' }, { Email: 'b@x.example' }]
  expect(await judge({ l1: a }, { c1: b })).toMatchObject({ pairs: 2, agree: true })
  expect(await judge({ l1: a }, {})).toMatchObject({ unpaired: { left: [{ record: 'p2' }] }, agree: false })
})

test('a key that was refused is nobody’s beside who holds it', async () => {
  const right = { r1: ACME_RIGHT, r2: { ...ACME_RIGHT, name: 'Umbra' } }
  const known = { record: 'r2', field: 'domains' }
  expect(await judged({ l1: ACME }, right, [known])).toMatchObject({ pairs: 0 })
  expect(await judged({ l1: ACME }, right, [{ ...known, keyless: true }])).toMatchObject({
    pairs: 1,
    differences: [],
  })
})
