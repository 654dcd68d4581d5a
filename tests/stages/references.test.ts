/** References follow the pairs they point at; what is not ours stays (I12, I13). */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  altered,
  associations,
  attioCompany,
  attioPerson,
  calm,
  conflicts,
  counterpart,
  edit,
  expectRest,
  held,
  hubspotCompany,
  hubspotPerson,
  ids,
  mappingFile,
  only,
  remove,
} from './story.ts'
import { openTestWorld, shippedMapping, type TestWorld } from './world.ts'

let world: TestWorld

beforeEach(async () => {
  // People before companies: nothing may depend on the order of the files.
  const archive = 'delete: { left-to-right: archive, right-to-left: unlink }'
  const unlink = 'delete: { left-to-right: unlink, right-to-left: unlink }'
  const mappings = [shippedMapping('people'), altered('companies', [archive, unlink])]
  world = await openTestWorld({ empty: true, mappings })
  calm(world)
})

afterEach(async () => {
  await expectRest(world)
  await world.close()
})

const to = (id: string) => ({ company: [{ target_object: 'companies', target_record_id: id }] })

function employ(contact: string, company: string, label?: string): void {
  const other = { object: 'companies', id: company, ...(label === undefined ? {} : { label }) }
  world.hubspot.edit({ action: 'associate', object: 'contacts', id: contact, other })
}

function dismiss(contact: string, company: string, label?: string): void {
  const other = { object: 'companies', id: company, ...(label === undefined ? {} : { label }) }
  world.hubspot.edit({ action: 'dissociate', object: 'contacts', id: contact, other })
}

function companyOf(person: string): unknown {
  return (only(held(world, 'attio', 'people', person)['company']) as { id?: string } | null)?.id ?? null
}

function primaryOf(contact: string): string | null {
  const row = associations(world, 'contacts', contact).find((each) => each.endsWith('/primary'))
  return row?.split('/')[1] ?? null
}

test('an employer that is nobody on the other side is not replaced, whoever is entered there', async () => {
  const contact = hubspotPerson(world, { first: 'Ada', email: 'ada@king-family.com' })
  const unclear = hubspotCompany(world, 'Umbra', 'umbra-lights.com')
  attioCompany(world, 'Umbra')
  const acme = attioCompany(world, 'Acme', 'acme-rockets.com')
  await world.sync()
  employ(contact, unclear, 'primary')
  await world.sync()
  const person = (await counterpart(world, 'hubspot', contact)) ?? ''
  edit(world, 'attio', 'people', person, to(acme))
  await world.sync()
  expect(await counterpart(world, 'hubspot', unclear)).toBe(null)
  expect(primaryOf(contact)).toBe(unclear)
  dismiss(contact, unclear)
  await world.sync()
  expect(primaryOf(contact)).toBe(await counterpart(world, 'attio', acme))
})

describe('somebody long known', () => {
  test.each([
    ['nobody edits meanwhile', {}],
    ['somebody edits in the other CRM meanwhile', { job_title: 'Countess' }],
  ])('who takes a job at a company in review that gets a pair is employed there: %s', async (_, edited) => {
    const contact = hubspotPerson(world, { first: 'Ada', email: 'ada@king-family.com' })
    const company = hubspotCompany(world, 'Umbra', 'umbra-lights.com')
    const namesake = attioCompany(world, 'Umbra')
    await world.sync()
    await world.sync()
    const person = (await counterpart(world, 'hubspot', contact)) ?? ''
    employ(contact, company, 'primary')
    await world.sync()
    await world.sync()
    expect(companyOf(person)).toBe(null)
    if (Object.keys(edited).length > 0) edit(world, 'attio', 'people', person, edited)
    await world.sync()
    // Now it is another company, and the question is over.
    edit(world, 'attio', 'companies', namesake, { domains: ['umbra-clouds.com'] })
    await world.sync()
    expect(await counterpart(world, 'hubspot', company)).not.toBe(null)
    expect(companyOf(person)).toBe(await counterpart(world, 'hubspot', company))
  })
})

describe('a company that takes over another one’s pair', () => {
  test('brings its people along', async () => {
    const acme = attioCompany(world, 'Acme', 'acme-rockets.com')
    const umbra = attioCompany(world, 'Umbra', 'umbra-lights.com')
    const person = attioPerson(world, { first: 'Ada', email: 'ada@king-family.com' })
    edit(world, 'attio', 'people', person, to(umbra))
    await world.sync()
    const there = async (id: string) => (await counterpart(world, 'attio', id)) ?? ''
    const [a, u] = [await there(acme), await there(umbra)]
    const other = { object: 'companies', id: u }
    const { id: merged } = world.hubspot.edit({ action: 'merge', object: 'companies', id: a, other })
    await world.sync()
    await world.sync()
    // One pair collapsed into the other, whichever; the company that lost its own takes over.
    const [kept, lost] =
      (await counterpart(world, 'hubspot', merged)) === acme ? [acme, umbra] : [umbra, acme]
    edit(world, 'attio', 'people', person, to(lost))
    await world.sync()
    remove(world, 'attio', 'companies', kept)
    await world.sync()
    expect(await counterpart(world, 'hubspot', merged)).toBe(lost)
    const contact = (await counterpart(world, 'attio', person)) ?? ''
    expect((await world.store.status(world.runtime.now())).waiting, 'nobody waits for it any more').toBe(0)
    expect(await conflicts(world)).toEqual([])
    expect(primaryOf(contact)).toBe(merged)
  })
})

describe('a new person with a company', () => {
  test('in Attio is employed in HubSpot, whichever is created first', async () => {
    const acme = attioCompany(world, 'Acme', 'acme-rockets.com')
    const ada = attioPerson(world, { first: 'Ada', last: 'King', email: 'ada@king-family.com' })
    edit(world, 'attio', 'people', ada, to(acme))
    await world.sync()
    const [contact = ''] = ids(world, 'hubspot', 'contacts')
    expect(primaryOf(contact)).toBe(await counterpart(world, 'attio', acme))
  })

  test('in HubSpot is employed in Attio', async () => {
    const acme = hubspotCompany(world, 'Acme', 'acme-rockets.com')
    const ada = hubspotPerson(world, { first: 'Ada', last: 'King', email: 'ada@king-family.com' })
    employ(ada, acme)
    await world.sync()
    const [person = ''] = ids(world, 'attio', 'people')
    expect(companyOf(person)).toBe(await counterpart(world, 'hubspot', acme))
  })

  test('whose company is in review is employed as soon as the company is linked', async () => {
    const acme = attioCompany(world, 'Acme', 'acme-rockets.com')
    const first = hubspotCompany(world, 'Acme', 'acme-rockets.com')
    const second = hubspotCompany(world, 'Acme Two', 'acme-rockets.com')
    const ada = attioPerson(world, { first: 'Ada', last: 'King', email: 'ada@king-family.com' })
    edit(world, 'attio', 'people', ada, to(acme))
    await world.sync()
    const [contact = ''] = ids(world, 'hubspot', 'contacts')
    expect(primaryOf(contact)).toBeNull()
    expect(companyOf(ada)).toBe(acme)
    expect((await world.store.status(world.runtime.now())).waiting).toBe(1)
    remove(world, 'hubspot', 'companies', second)
    await world.sync()
    expect(primaryOf(contact)).toBe(first)
    expect((await world.store.status(world.runtime.now())).waiting).toBe(0)
  })
})

describe('between linked people and companies', () => {
  let ada: { attio: string; hubspot: string }
  let acme: { attio: string; hubspot: string }
  let umbra: { attio: string; hubspot: string }

  beforeEach(async () => {
    const both = async (id: string) => ({ attio: id, hubspot: (await counterpart(world, 'attio', id)) ?? '' })
    const a = attioCompany(world, 'Acme', 'acme-rockets.com')
    const u = attioCompany(world, 'Umbra', 'umbra-lights.com')
    const person = attioPerson(world, { first: 'Ada', last: 'King', email: 'ada@king-family.com' })
    edit(world, 'attio', 'people', person, to(a))
    await world.sync()
    acme = await both(a)
    umbra = await both(u)
    ada = await both(person)
    await world.advance(60_000)
  })

  test('a move in Attio moves the primary company in HubSpot', async () => {
    edit(world, 'attio', 'people', ada.attio, to(umbra.attio))
    await world.sync()
    expect(primaryOf(ada.hubspot)).toBe(umbra.hubspot)
  })

  test('a move in HubSpot moves the company in Attio', async () => {
    employ(ada.hubspot, umbra.hubspot, 'primary')
    await world.sync()
    expect(companyOf(ada.attio)).toBe(umbra.attio)
    expect(primaryOf(ada.hubspot)).toBe(umbra.hubspot)
  })

  test('an end in Attio ends the primary association in HubSpot', async () => {
    edit(world, 'attio', 'people', ada.attio, { company: [] })
    await world.sync()
    expect(primaryOf(ada.hubspot)).toBeNull()
  })

  test('an end in HubSpot ends it in Attio', async () => {
    dismiss(ada.hubspot, acme.hubspot, 'primary')
    dismiss(ada.hubspot, acme.hubspot)
    await world.sync()
    expect(companyOf(ada.attio)).toBeNull()
  })

  test('a second, unlabelled company in HubSpot is nobody else’s business and survives a move', async () => {
    employ(ada.hubspot, umbra.hubspot)
    await world.sync()
    expect(companyOf(ada.attio)).toBe(acme.attio)
    const third = attioCompany(world, 'Third', 'third-floor.com')
    await world.sync()
    edit(world, 'attio', 'people', ada.attio, to(third))
    await world.sync()
    expect(primaryOf(ada.hubspot)).toBe(await counterpart(world, 'attio', third))
    expect(associations(world, 'contacts', ada.hubspot).join()).toContain(`companies/${umbra.hubspot}/`)
  })

  test('a move to a company without a counterpart waits, keeps both sides as they are, and is no conflict', async () => {
    hubspotCompany(world, 'Dark', 'dark-matter.com')
    hubspotCompany(world, 'Darker', 'dark-matter.com')
    const dark = attioCompany(world, 'Dark', 'dark-matter.com')
    edit(world, 'attio', 'people', ada.attio, to(dark))
    await world.sync()
    expect(companyOf(ada.attio)).toBe(dark)
    expect(primaryOf(ada.hubspot)).toBe(acme.hubspot)
    expect(await conflicts(world, 'all')).toEqual([])
  })

  test('a company deleted in Attio does not lose its people elsewhere', async () => {
    remove(world, 'attio', 'companies', acme.attio)
    await world.sync()
    expect(ids(world, 'hubspot', 'companies')).toContain(acme.hubspot)
    expect(await conflicts(world)).toEqual([])
    // Attio emptied the reference; whether that travels depends on which of the two was looked at first.
    expect([acme.hubspot, null]).toContain(primaryOf(ada.hubspot))
  })

  test('the dissolved pair of a company leaves the references on both sides as they are', async () => {
    remove(world, 'hubspot', 'companies', acme.hubspot)
    await world.sync()
    edit(world, 'attio', 'people', ada.attio, { job_title: 'Countess' })
    await world.sync()
    expect(await conflicts(world)).toEqual([])
    expect(held(world, 'hubspot', 'contacts')['jobtitle']).toBe('Countess')
  })

  test('a company merged in Attio keeps its people', async () => {
    const twin = attioCompany(world, 'Acme Two', 'acme-two.com')
    const survivor = world.attio.edit({
      action: 'merge',
      object: 'companies',
      id: acme.attio,
      other: { object: 'companies', id: twin },
    }).id
    await world.sync()
    expect(await counterpart(world, 'attio', survivor)).toBe(acme.hubspot)
    expect(primaryOf(ada.hubspot)).toBe(acme.hubspot)
    expect(companyOf(ada.attio)).toBe(survivor)
    expect(await conflicts(world)).toEqual([])
  })

  test('a company merged in HubSpot keeps its people', async () => {
    const twin = hubspotCompany(world, 'Acme Two', 'acme-two.com')
    const survivor = world.hubspot.edit({
      action: 'merge',
      object: 'companies',
      id: acme.hubspot,
      other: { object: 'companies', id: twin },
    }).id
    await world.sync()
    expect(await counterpart(world, 'hubspot', survivor)).toBe(acme.attio)
    expect(primaryOf(ada.hubspot)).toBe(survivor)
    expect(companyOf(ada.attio)).toBe(acme.attio)
    expect(await conflicts(world)).toEqual([])
  })
})

describe('the people of a deal, joined from both sides', () => {
  const mapping = mappingFile(`version: 1
pairing: attio-hubspot
left: { object: deals }
right: { object: deals }
match:
  - { left: name, right: dealname, strength: weak }
create: { left: no, right: no }
fields:
  - { left: name, right: dealname }
  - { left: associated_people, right: { association: contacts }, as: references, conflict: union }
`)
  let deal: { attio: string; hubspot: string }
  let people: { attio: string; hubspot: string }[]

  const on = (ids: readonly string[]) => ({
    associated_people: ids.map((id) => ({ target_object: 'people', target_record_id: id })),
  })
  const peopleHere = () =>
    (held(world, 'attio', 'deals')['associated_people'] as { id: string }[] | undefined)?.map(
      ({ id }) => id,
    ) ?? []
  const peopleThere = () => associations(world, 'deals', deal.hubspot).map((row) => row.split('/')[1] ?? '')

  beforeEach(async () => {
    await world.close()
    world = await openTestWorld({ empty: true, mappings: [shippedMapping('people'), mapping] })
    calm(world)
    people = []
    for (const name of ['Ada', 'Bob', 'Cleo', 'Dora']) {
      const id = attioPerson(world, { first: name, email: `${name.toLowerCase()}@king-family.com` })
      people.push({ attio: id, hubspot: '' })
    }
    const member = (await world.pairing()).pairing.users.left[0]?.id ?? ''
    const id = world.attio.edit({
      action: 'create',
      object: 'deals',
      values: {
        name: 'Ten licences',
        stage: 'Lead',
        owner: [{ referenced_actor_type: 'workspace-member', referenced_actor_id: member }],
        ...on(people.slice(0, 2).map((person) => person.attio)),
      },
    }).id
    // A stamp is as good as a creation of ours.
    const there = world.hubspot.edit({
      action: 'create',
      object: 'deals',
      values: {
        dealname: 'Ten licences',
        pipeline: 'default',
        dealstage: 'appointmentscheduled',
        attio_record_id: id,
      },
    }).id
    await world.sync()
    deal = { attio: id, hubspot: there }
    expect(await counterpart(world, 'attio', id)).toBe(there)
    for (const person of people) person.hubspot = (await counterpart(world, 'attio', person.attio)) ?? ''
    await world.advance(60_000)
  })

  test('arrive with the deal', () => {
    expect(peopleThere().toSorted()).toEqual(
      people
        .slice(0, 2)
        .map(({ hubspot }) => hubspot)
        .toSorted(),
    )
  })

  test('added on both sides are all there on both, in one pass', async () => {
    const [ada, bob, cleo, dora] = people
    if (!ada || !bob || !cleo || !dora) throw new Error('four people')
    edit(world, 'attio', 'deals', deal.attio, on([ada.attio, bob.attio, cleo.attio]))
    const other = { object: 'contacts', id: dora.hubspot }
    world.hubspot.edit({ action: 'associate', object: 'deals', id: deal.hubspot, other })
    await world.sync()
    expect(peopleHere().toSorted()).toEqual(people.map(({ attio }) => attio).toSorted())
    expect(peopleThere().toSorted()).toEqual(people.map(({ hubspot }) => hubspot).toSorted())
    expect(await conflicts(world, 'all')).toEqual([])
  })

  test('removed on one side and added on the other are both', async () => {
    const [ada, bob, cleo] = people
    if (!ada || !bob || !cleo) throw new Error('three people')
    edit(world, 'attio', 'deals', deal.attio, on([ada.attio]))
    const other = { object: 'contacts', id: cleo.hubspot }
    world.hubspot.edit({ action: 'associate', object: 'deals', id: deal.hubspot, other })
    await world.sync()
    expect(peopleHere().toSorted()).toEqual([ada.attio, cleo.attio].toSorted())
    expect(peopleThere().toSorted()).toEqual([ada.hubspot, cleo.hubspot].toSorted())
  })
})
