import { expect, test } from 'vitest'
import { webhookWishes } from '../../src/stages/webhook-wishes.ts'
import { peopleMapping } from './story.ts'
import { openTestWorld, shippedMapping } from './world.ts'

test('a vendor is asked to tell of mapped objects and the fields that mappings read, stamps left out', async () => {
  const world = await openTestWorld({ empty: true, mappings: [shippedMapping('companies'), peopleMapping()] })
  const { pairing } = await world.pairing()
  const [companies, people, ...others] = webhookWishes([pairing], 'hubspot')
  expect(others).toEqual([])
  expect(companies).toMatchObject({ object: 'companies', fields: expect.arrayContaining(['name', 'domain']) })
  expect(companies?.fields).not.toContain('attio_record_id')
  expect(new Set(people?.fields)).toEqual(new Set(['firstname', 'lastname', 'email', 'hs_additional_emails']))
  // Whatever another pairing reads of the same account comes on top, once.
  const second = (await world.pairing({ mappings: [peopleMapping('{ left: job_title, right: jobtitle }')] }))
    .pairing
  const both = webhookWishes([pairing, second], 'hubspot').find(({ object }) => object === 'contacts')
  expect(both?.fields).toEqual([...new Set([...(people?.fields ?? []), 'jobtitle'])])
  expect(webhookWishes([pairing], 'nobody')).toEqual([])
  await world.close()
})
