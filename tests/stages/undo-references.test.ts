/** References go and come back with the records that they point at, and with those that hold them (I22). */
import { afterEach, describe, expect, test } from 'vitest'
import {
  associations,
  attioCompany,
  attioPerson,
  counterpart,
  edit,
  expectRest,
  held,
  ids,
  only,
} from './story.ts'
import { ADA, openUndoWorld, pairOfAda } from './undo-story.ts'
import { recordedPass, undo } from './undoing.ts'
import { shippedMapping, type TestWorld, type Pushing as Vendor } from './world.ts'

let world: TestWorld

afterEach(async () => {
  await expectRest(world)
  await world.close()
})

describe('references', () => {
  let acme: string
  let ada: Record<Vendor, string>
  let run: string

  const companyOf = (id: string) =>
    (only(held(world, 'attio', 'people', id)['company']) as { id?: string } | null)?.id ?? null
  const primaryOf = (id: string) =>
    associations(world, 'contacts', id)
      .find((each) => each.endsWith('/primary'))
      ?.split('/')[1] ?? null

  /** Ada is paired; a run then creates her new company in HubSpot and associates her with it. */
  async function employed(): Promise<void> {
    world = await openUndoWorld({ mappings: [shippedMapping('companies'), shippedMapping('people')] })
    ada = await pairOfAda(world)
    acme = attioCompany(world, 'Acme', 'acme-rockets.com')
    edit(world, 'attio', 'people', ada.attio, {
      company: [{ target_object: 'companies', target_record_id: acme }],
    })
    run = await recordedPass(world)
    expect(primaryOf(ada.hubspot)).toBe(await counterpart(world, 'attio', acme))
    await world.advance(600_000)
  }

  test('to a record that goes away are taken back with it', async () => {
    await employed()
    const { leftovers } = await undo(world, run)
    expect(leftovers).toEqual([])
    expect(primaryOf(ada.hubspot)).toBe(null)
    expect(ids(world, 'hubspot', 'companies')).toEqual([])
    expect(companyOf(ada.attio)).toBe(acme)
  })

  test('to a record that comes back come back too', async () => {
    await employed()
    const undone = await undo(world, run)
    const redone = await undo(world, undone.run)
    expect(redone.leftovers).toEqual([])
    const [again = ''] = ids(world, 'hubspot', 'companies')
    expect(primaryOf(ada.hubspot)).toBe(again)
    expect(await counterpart(world, 'attio', acme)).toBe(again)
  })

  test('of a record that comes back come back too', async () => {
    world = await openUndoWorld({ mappings: [shippedMapping('companies'), shippedMapping('people')] })
    acme = attioCompany(world, 'Acme', 'acme-rockets.com')
    const attio = attioPerson(world, ADA)
    edit(world, 'attio', 'people', attio, {
      company: [{ target_object: 'companies', target_record_id: acme }],
    })
    run = await recordedPass(world)
    await world.advance(600_000)
    const undone = await undo(world, run)
    expect(ids(world, 'hubspot', 'contacts')).toEqual([])
    expect(ids(world, 'hubspot', 'companies')).toEqual([])
    const redone = await undo(world, undone.run)
    expect(redone.leftovers).toEqual([])
    const [contact = ''] = ids(world, 'hubspot', 'contacts')
    expect(primaryOf(contact)).toBe(ids(world, 'hubspot', 'companies')[0])
  })
})
