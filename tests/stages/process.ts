/**
 * A process that dies at a chosen moment: after its n-th effect, which is a request that a vendor has handled or
 * a transaction that the store has committed. From then on nothing it still does reaches anybody.
 */
import type { Store } from '../../src/store/store.ts'
import type { TestWorld } from './world.ts'

class Death extends Error {
  override readonly name = 'Death'
}

/** Store methods that change nothing. */
const READS = new Set<keyof Store>([
  'meta',
  'stream',
  'suspects',
  'load',
  'loadLinks',
  'components',
  'linksOf',
  'recordsOf',
  'openIntents',
  'status',
  'backlog',
  'backlogs',
  'dueTimes',
  'conflicts',
  'conflict',
  'reviews',
  'quarantined',
  'findLinks',
  'formerLinks',
  'history',
  'countLinks',
  'runs',
  'run',
  'runJournal',
  'journalAfter',
])

/** How long requests of a dead process may still be under way. */
const AFTERMATH_MS = 120_000

/** One pass of a process that dies after `diesAfter` effects. */
export function passUntilDeath(world: TestWorld, store: Store, diesAfter: number): Promise<number> {
  return workUntilDeath(world, store, diesAfter, (mortal) => world.sync({ store: mortal }))
}

/**
 * Work of a process that dies after `diesAfter` effects. Returns how many it had, which is fewer than that when it
 * finished. What it did on the way down is of no interest.
 */
export async function workUntilDeath(
  world: TestWorld,
  store: Store,
  diesAfter: number,
  work: (store: Store) => Promise<unknown>,
): Promise<number> {
  let effects = 0
  const isDead = () => effects >= diesAfter
  const live = () => {
    if (isDead()) throw new Death('the process is dead')
  }
  const happened = () => {
    effects += 1
    live()
  }
  world.onRequest = live
  world.onAnswer = happened
  const mortal = new Proxy(store, {
    get(target, name: keyof Store) {
      const method = target[name] as (...args: unknown[]) => Promise<unknown>
      return async (...args: unknown[]) => {
        live()
        const result = await method.apply(target, args)
        if (!READS.has(name)) happened()
        return result
      }
    },
  })
  try {
    await work(mortal)
  } catch (error) {
    // Whatever the last throes looked like; a death nobody caused is a bug.
    if (!isDead()) throw error
  }
  if (isDead()) await world.advance(AFTERMATH_MS)
  world.onRequest = () => undefined
  world.onAnswer = () => undefined
  return effects
}
