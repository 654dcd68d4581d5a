/** Edited mappings and changed schemas: one field at a time, no storm, no invented conflict (I27; algorithms 9.4). */
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  attioPerson,
  calm,
  conflicts,
  counterpart,
  edit,
  expectRest,
  held,
  ids,
  mappingFile,
  only,
  peopleMapping,
} from './story.ts'
import { openTestWorld, type TestWorld } from './world.ts'

let world: TestWorld
let ada: { attio: string; hubspot: string }

const JOB = '{ left: job_title, right: jobtitle, conflict: ask }'
const PHONE = '{ left: phone_numbers, right: phone, as: phones, region: US }'

async function open(...fields: readonly string[]): Promise<void> {
  world = await openTestWorld({ empty: true, mappings: [peopleMapping(...fields)] })
  calm(world)
  const id = attioPerson(world, {
    first: 'Ada',
    last: 'King',
    email: 'ada@king-family.com',
    job: 'Engineer',
    phone: '+14155550100',
  })
  await world.sync()
  ada = { attio: id, hubspot: (await counterpart(world, 'attio', id)) ?? '' }
  await world.advance(60_000)
}

afterEach(async () => {
  await expectRest(world)
  await world.close()
})

async function call(path: string, method: string, body?: unknown): Promise<number> {
  const answer = world.hubspot.handle({
    method,
    url: `http://hubspot.invalid${path}`,
    headers: { authorization: `Bearer ${world.hubspot.token}`, 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  } as Parameters<typeof world.hubspot.handle>[0])
  return answer.status
}

describe('a custom HubSpot property', () => {
  const CUSTOM = '{ left: description, right: about_them, as: text }'

  beforeEach(async () => {
    world = await openTestWorld({ empty: true, mappings: [peopleMapping(JOB)] })
    await world.close()
  })

  test('that is deleted pauses its field only, and everything else goes on', async () => {
    await open(JOB)
    const created = await call('/crm/v3/properties/contacts', 'POST', {
      name: 'about_them',
      label: 'About them',
      type: 'string',
      fieldType: 'text',
      groupName: 'contactinformation',
    })
    expect(created).toBe(201)
    await world.pairing({ mappings: [peopleMapping(JOB, CUSTOM)] })
    edit(world, 'attio', 'people', ada.attio, { description: 'Writes notes' })
    await world.sync()
    expect(held(world, 'hubspot', 'contacts')['about_them']).toBe('Writes notes')

    expect(await call('/crm/v3/properties/contacts/about_them', 'DELETE')).toBe(204)
    const { pairing, warnings } = await world.pairing({ mappings: [peopleMapping(JOB, CUSTOM)] })
    expect(warnings.join('\n')).toContain('about_them')
    expect(Object.keys(pairing.mappings[0]?.paused ?? {})).toEqual(['description'])
    edit(world, 'attio', 'people', ada.attio, { description: 'Writes programs', job_title: 'Countess' })
    await world.sync()
    expect(held(world, 'hubspot', 'contacts')['jobtitle']).toBe('Countess')
  })
})

describe('an edited mapping', () => {
  test('that reads values differently writes nothing and asks nobody', async () => {
    await open(JOB, '{ left: description, right: hs_linkedin_url, as: text, conflict: ask }')
    edit(world, 'attio', 'people', ada.attio, { description: 'https://www.King-Family.com/ada/' })
    await world.sync()
    expect(held(world, 'hubspot', 'contacts')['hs_linkedin_url']).toBe('https://www.King-Family.com/ada/')
    const before = world.writes()
    await world.pairing({
      mappings: [peopleMapping(JOB, '{ left: description, right: hs_linkedin_url, as: url, conflict: ask }')],
    })
    await world.sync()
    expect(world.writes()).toEqual(before)
    expect(await conflicts(world, 'all')).toEqual([])
    edit(world, 'hubspot', 'contacts', ada.hubspot, { hs_linkedin_url: 'king-family.com/augusta' })
    await world.sync()
    expect(only(held(world, 'attio', 'people')['description'])).toBe('king-family.com/augusta')
    expect(await conflicts(world, 'all')).toEqual([])
  })

  test('does not swallow an edit made at the same time', async () => {
    await open(JOB, '{ left: description, right: hs_linkedin_url, as: text, conflict: ask }')
    edit(world, 'attio', 'people', ada.attio, { description: 'one.example-one.com' })
    await world.sync()
    edit(world, 'attio', 'people', ada.attio, { description: 'two.example-one.com' })
    await world.pairing({
      mappings: [peopleMapping(JOB, '{ left: description, right: hs_linkedin_url, as: url, conflict: ask }')],
    })
    await world.sync()
    expect(held(world, 'hubspot', 'contacts')['hs_linkedin_url']).toBe('two.example-one.com')
    expect(await conflicts(world, 'all')).toEqual([])
  })

  test('with one more field fills what is blank and asks about what differs, once', async () => {
    await open(PHONE)
    edit(world, 'hubspot', 'contacts', ada.hubspot, { jobtitle: 'Mathematician' })
    const before = world.writes()
    await world.sync()
    expect(world.writes()).toEqual(before)
    const seeded = '{ left: job_title, right: jobtitle, conflict: ask, seed: ask }'
    await world.pairing({ mappings: [peopleMapping(PHONE, seeded)] })
    await world.sync()
    expect(await conflicts(world)).toMatchObject([{ kind: 'seed', left: 'Engineer', right: 'Mathematician' }])
    expect(world.writes()).toEqual(before)
  })

  test('keeps an open conflict the same conflict', async () => {
    await open(JOB)
    edit(world, 'attio', 'people', ada.attio, { job_title: 'Countess' })
    edit(world, 'hubspot', 'contacts', ada.hubspot, { jobtitle: 'Poet' })
    await world.sync()
    const [open1] = await conflicts(world)
    await world.pairing({ mappings: [peopleMapping(JOB, PHONE)] })
    await world.sync()
    expect(await conflicts(world, 'all')).toEqual([open1])
  })

  test.each([
    ['a side', '{ left: job_title, right: city, as: text, conflict: ask }', 'city'],
    ['a side, where it is blank', '{ left: job_title, right: state, as: text, conflict: ask }', 'state'],
  ])('that names another field on %s begins anew, and clears nothing', async (_title, entry, field) => {
    await open(JOB)
    edit(world, 'hubspot', 'contacts', ada.hubspot, { city: 'Engineer' })
    await world.sync()
    await world.pairing({ mappings: [peopleMapping(entry)] })
    await world.sync()
    expect(only(held(world, 'attio', 'people')['job_title'])).toBe('Engineer')
    expect(held(world, 'hubspot', 'contacts')).toMatchObject({ [field]: 'Engineer', jobtitle: 'Engineer' })
  })

  test('that names half of a group takes nothing away either', async () => {
    await open(PHONE)
    const text = readFileSync(peopleMapping(PHONE), 'utf8')
    const half = text.replace(
      'right: [firstname, lastname], as: person-name',
      'right: lastname, as: person-name',
    )
    expect(half).not.toBe(text)
    await world.pairing({ mappings: [mappingFile(half)] })
    await world.sync()
    expect(held(world, 'attio', 'people')['name']).toMatchObject([{ first_name: 'Ada', last_name: 'King' }])
  })

  test('that names one field less on a side takes nothing away from the other', async () => {
    await open(PHONE)
    const more = { email: 'ada@king-family.com', hs_additional_emails: 'ada@work-family.com' }
    edit(world, 'hubspot', 'contacts', ada.hubspot, more)
    await world.sync()
    const addresses = () => held(world, 'attio', 'people')['email_addresses']
    const both = addresses()
    const text = readFileSync(peopleMapping(PHONE), 'utf8')
    const entry = 'right: [email, hs_additional_emails], as: emails'
    expect(text).toContain(entry)
    await world.pairing({ mappings: [mappingFile(text.replace(entry, 'right: email, as: emails'))] })
    await world.sync()
    expect(addresses()).toEqual(both)
  })

  test('that names an entry again, now with another field, begins it anew as well', async () => {
    await open(JOB, PHONE)
    await world.pairing({ mappings: [peopleMapping(PHONE)] })
    edit(world, 'hubspot', 'contacts', ada.hubspot, { phone: '+14155550177' })
    await world.sync()
    await world.pairing({
      mappings: [peopleMapping('{ left: job_title, right: city, as: text, conflict: ask }', PHONE)],
    })
    await world.sync()
    expect(only(held(world, 'attio', 'people')['job_title'])).toBe('Engineer')
    expect(held(world, 'hubspot', 'contacts')).toMatchObject({ city: 'Engineer' })
  })

  test('with one field less leaves that field alone', async () => {
    await open(JOB, PHONE)
    await world.pairing({ mappings: [peopleMapping(PHONE)] })
    edit(world, 'attio', 'people', ada.attio, { job_title: 'Countess' })
    await world.sync()
    expect(held(world, 'hubspot', 'contacts')['jobtitle']).toBe('Engineer')
  })
})

test('a Deals object that is switched off in Attio deletes nothing and stops nothing', async () => {
  world = await openTestWorld({ people: 10, overlap: 0.5 })
  calm(world)
  const person = attioPerson(world, { first: 'Ada', email: 'ada@king-family.com', job: 'Engineer' })
  await world.sync()
  await world.sync()
  const deals = { attio: ids(world, 'attio', 'deals'), hubspot: ids(world, 'hubspot', 'deals') }
  expect(deals.attio.length).toBeGreaterThan(0)
  Object.assign(world.attio.settings, { dealsEnabled: false })
  const { warnings } = await world.pairing({ fresh: true })
  expect(warnings.join('\n')).toContain('deals')
  edit(world, 'attio', 'people', person, { job_title: 'Countess' })
  await world.sync()
  const there = (await counterpart(world, 'attio', person)) ?? ''
  expect(held(world, 'hubspot', 'contacts', there)['jobtitle']).toBe('Countess')
  Object.assign(world.attio.settings, { dealsEnabled: true })
  await world.pairing({ fresh: true })
  await world.sync()
  expect(ids(world, 'attio', 'deals')).toEqual(deals.attio)
  expect(ids(world, 'hubspot', 'deals')).toEqual(deals.hubspot)
})
