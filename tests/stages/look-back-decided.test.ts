/** What becomes of an edit that a write of ours overwrote unseen: a rule puts it on record, or a person decides (I4). */
import { beforeEach, describe, expect, test } from 'vitest'
import {
  altered,
  attioCompany,
  conflicts,
  counterpart,
  held,
  hubspotCompany,
  only,
  onlyConflict,
  remove,
} from './story.ts'
import { shippedMapping } from './world.ts'
import {
  ada,
  auto,
  decide,
  inAttio,
  inHubSpot,
  inTheWindow,
  lookBackNow,
  open,
  syncAndLookBack,
  world,
} from './unseen.ts'
describe('where a rule settles conflicts', () => {
  test('the lost value is put on record', async () => {
    await world.close()
    await open(['{ left: job_title, right: jobtitle, conflict: prefer-left }'])
    inAttio({ job_title: 'Countess' })
    inTheWindow('hubspot', () => inHubSpot({ jobtitle: 'Poet' }))
    await syncAndLookBack()
    const conflict = await onlyConflict(world, 'all')
    expect(conflict).toMatchObject(auto({ right: 'Poet', left: 'Countess', loser: 'right' }))
    expect(conflict.closedAtMs).not.toBeNull()
  })

  test('the reading side of a one-way field has nothing to lose', async () => {
    await world.close()
    await open(['{ left: job_title, right: jobtitle, direction: left-to-right }'])
    inAttio({ job_title: 'Countess' })
    inTheWindow('hubspot', () => inHubSpot({ jobtitle: 'Poet' }))
    await syncAndLookBack()
    expect(await conflicts(world, 'all')).toEqual([])
  })
})

test('an element that was added to a list meanwhile is reported with the list that it was in', async () => {
  inHubSpot({ phone: '+14155550101' })
  inTheWindow('attio', () => inAttio({ phone_numbers: ['+14155550100', '+442079460018'] }))
  await syncAndLookBack()
  expect(JSON.stringify(held(world, 'attio', 'people')['phone_numbers'])).not.toContain('442079460018')
  const conflict = await onlyConflict(world, 'all')
  expect(conflict).toMatchObject(auto({ field: 'phone_numbers', loser: 'left' }))
  expect(JSON.stringify(conflict.left)).toContain('+442079460018')
})

test('a list is found by its elements, whatever their order: that is not in the history', async () => {
  inAttio({ email_addresses: ['ada@king-family.com', 'ada@analytical.org'] })
  await syncAndLookBack()
  await world.advance(60_000)
  inHubSpot({ email: 'augusta@king-family.com' })
  inTheWindow('attio', () =>
    inAttio({ email_addresses: ['ada@king-family.com', 'ada@analytical.org', 'poet@king-family.com'] }),
  )
  await syncAndLookBack()
  const addresses = held(world, 'attio', 'people')['email_addresses']
  expect(addresses).toEqual(['augusta@king-family.com', 'ada@analytical.org'])
  expect(await onlyConflict(world, 'all')).toMatchObject(
    auto({ left: expect.arrayContaining(['poet@king-family.com']), loser: 'left' }),
  )
})

describe('a person who is asked', () => {
  beforeEach(async () => {
    inAttio({ job_title: 'Countess' })
    inTheWindow('hubspot', () => inHubSpot({ jobtitle: 'Poet' }))
    await syncAndLookBack()
    await world.advance(60_000)
  })

  const jobs = () => [
    only(held(world, 'attio', 'people')['job_title']),
    held(world, 'hubspot', 'contacts')['jobtitle'],
  ]

  test('gets the lost value back, on both sides', async () => {
    await decide('right')
    expect(jobs()).toEqual(['Poet', 'Poet'])
    expect(await onlyConflict(world, 'all')).toMatchObject({ state: 'resolved', loser: 'left' })
    await lookBackNow()
    expect(await conflicts(world, 'all')).toHaveLength(1)
  })

  test('may leave it at what was written', async () => {
    const before = world.writes()
    await decide('left')
    expect(jobs()).toEqual(['Countess', 'Countess'])
    expect(world.writes()).toEqual(before)
    expect(await onlyConflict(world, 'all')).toMatchObject({ state: 'resolved', loser: 'right' })
  })

  test('is not asked any more once the field was changed again', async () => {
    inHubSpot({ jobtitle: 'Duchess' })
    await syncAndLookBack()
    expect(jobs()).toEqual(['Duchess', 'Duchess'])
    expect(await onlyConflict(world, 'all')).toMatchObject({ state: 'superseded', right: 'Poet' })
  })

  test('decides nothing about a value that was entered since', async () => {
    inHubSpot({ jobtitle: 'Duchess' })
    await decide('right')
    expect(jobs()).toEqual(['Duchess', 'Duchess'])
    await lookBackNow()
    expect(await onlyConflict(world, 'all')).toMatchObject({ state: 'superseded' })
  })

  test('decides nothing when both sides were changed to one value since', async () => {
    inHubSpot({ jobtitle: 'Duchess' })
    inAttio({ job_title: 'Duchess' })
    await decide('right')
    expect(jobs()).toEqual(['Duchess', 'Duchess'])
    expect(await onlyConflict(world, 'all')).toMatchObject({ state: 'superseded' })
  })
})

describe('an employer whom our write overwrote unseen', () => {
  const employer = () => (only(held(world, 'attio', 'people')['company']) as { id?: string } | null)?.id
  let acme: string | null
  let umbra: { attio: string; hubspot: string }

  async function overwrite(domain?: string): Promise<void> {
    await world.close()
    const archive = 'delete: { left-to-right: archive, right-to-left: unlink }'
    const unlink = 'delete: { left-to-right: unlink, right-to-left: unlink }'
    await open([], { mappings: [shippedMapping('people'), altered('companies', [archive, unlink])] })
    const company = hubspotCompany(world, 'Acme', 'acme-rockets.com')
    umbra = {
      attio: attioCompany(world, 'Umbra', domain),
      hubspot: hubspotCompany(world, 'Umbra', 'umbra-lights.com'),
    }
    await world.sync()
    acme = await counterpart(world, 'hubspot', company)
    const other = { object: 'companies', id: company, label: 'primary' }
    world.hubspot.edit({ action: 'associate', object: 'contacts', id: ada.hubspot, other })
    const theirs = { target_object: 'companies', target_record_id: umbra.attio }
    inTheWindow('attio', () => inAttio({ company: [theirs] }))
    await syncAndLookBack()
    expect(employer()).toBe(acme)
    expect(await onlyConflict(world)).toMatchObject({ kind: 'overwritten', field: 'company', state: 'open' })
    await world.advance(60_000)
  }

  test.each([
    ['with a counterpart', 'umbra-lights.com'],
    ['without one', undefined],
  ])('%s comes back when a person wants that', async (_, domain) => {
    await overwrite(domain)
    await decide('left')
    expect(employer()).toBe(umbra.attio)
    expect(await onlyConflict(world, 'all')).toMatchObject({ state: 'resolved', loser: 'right' })
  })

  test('is not replaced by nobody when it has no counterpart any more', async () => {
    await overwrite('umbra-lights.com')
    remove(world, 'hubspot', 'companies', umbra.hubspot)
    await world.sync()
    await decide('left')
    expect(employer()).toBe(acme)
  })
})
