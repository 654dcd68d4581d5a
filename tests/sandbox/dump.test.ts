/** A dump is a picture: whoever compares two of them, as the simulator does, has to see what changed in between. */
import { expect, test } from 'vitest'
import { VENDORS } from '../../src/sandbox/vendors.ts'

const WORDS: Readonly<Record<string, { object: string; first: object; edited: object }>> = {
  attio: {
    object: 'people',
    first: { name: { first_name: 'Ada', last_name: 'Moor', full_name: 'Ada Moor' }, job_title: 'Clerk' },
    edited: { name: { first_name: 'Ada', last_name: 'Hill', full_name: 'Ada Hill' }, job_title: 'Chief' },
  },
  hubspot: {
    object: 'contacts',
    first: { firstname: 'Ada', lastname: 'Moor', jobtitle: 'Clerk' },
    edited: { lastname: 'Hill', jobtitle: 'Chief' },
  },
  salesforce: {
    object: 'Contact',
    first: { FirstName: 'Ada', LastName: 'Moor', Title: 'Clerk' },
    edited: { LastName: 'Hill', Title: 'Chief' },
  },
}

test.each(VENDORS)('$name: what changes later does not show in a dump', ({ name, create }) => {
  const words = WORDS[name]
  if (!words) throw new Error(`nobody can write in ${name}`)
  const { object, first, edited } = words
  let nowMs = Date.UTC(2026, 4, 9)
  const model = create({ clock: () => (nowMs += 1_000), seed: 1, limits: 'off' })
  const { id } = model.edit({ action: 'create', object, values: { ...first } })
  const before = model.dump()
  const text = JSON.stringify(before)
  model.edit({ action: 'update', object, id, values: { ...edited } })
  expect(JSON.stringify(model.dump())).not.toBe(text)
  model.edit({ action: 'delete', object, id })
  expect(JSON.stringify(before)).toBe(text)
})
