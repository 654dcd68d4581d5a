/** One pair, and what a deletion of either half does to the other. */
import { altered, attioPerson, calm, ids } from './story.ts'
import { openTestWorld, type TestWorld, type TestWorldOptions } from './world.ts'

/** Ada in both CRMs, under these policies. */
export async function adaUnder(
  leftToRight: string,
  rightToLeft: string,
  settings: TestWorldOptions['settings'] = {},
): Promise<{ readonly world: TestWorld; readonly ada: { attio: string; hubspot: string } }> {
  const policy = `delete: { left-to-right: ${leftToRight}, right-to-left: ${rightToLeft} }`
  const shipped = 'delete: { left-to-right: archive, right-to-left: unlink }'
  const mappings = [altered('people', [shipped, policy])]
  const world = await openTestWorld({ empty: true, mappings, settings })
  calm(world)
  const id = attioPerson(world, { first: 'Ada', last: 'King', email: 'ada@king-family.com', job: 'Engineer' })
  await world.sync()
  const ada = { attio: id, hubspot: ids(world, 'hubspot', 'contacts')[0] ?? '' }
  await world.advance(60_000)
  return { world, ada }
}
