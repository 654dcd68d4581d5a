/** A plan of the busy world, made and carried out as often as a test likes. */
import { applyPlan, type Applied } from '../../src/stages/apply.ts'
import type { Rehearsal } from '../../src/stages/dry-run.ts'
import type { Store } from '../../src/store/store.ts'
import { openBusyWorld, type BusyWorld } from './busy-world.ts'
import { hubspotPerson } from './story.ts'
import { deedsOf, makePlan, type Deed } from './plans.ts'
import type { TestWorld } from './world.ts'

/** The busy world, and somebody in it who might be one of two people. */
export function openWorldOfPlans(): Promise<BusyWorld> {
  return openBusyWorld((prepared) => {
    hubspotPerson(prepared, { first: 'Robert', last: 'Byron', email: 'bob@byron-poems.com', job: 'Poet' })
  })
}

export interface Moment {
  readonly store: Store
  readonly plan: Rehearsal
}

export async function planAtTheMoment(busy: BusyWorld): Promise<Moment> {
  const { store, file } = await busy.rewind()
  return { store, plan: await makePlan(busy.world, { from: file, copy: busy.freshFile() }) }
}

export async function apply(
  world: TestWorld,
  { store, plan }: Moment,
  options: { guardsAccepted?: boolean; earlier?: readonly string[] } = {},
): Promise<Applied & { readonly deeds: readonly Deed[]; readonly run: string }> {
  const engine = await world.engine({ store, guardsAccepted: options.guardsAccepted ?? false })
  const applied = await world.run(
    applyPlan(engine, plan, {
      progress: { report: () => undefined },
      earlier: options.earlier ?? [],
      madeMs: world.runtime.now(),
    }),
  )
  return { ...applied, deeds: await deedsOf(store, engine.run), run: engine.run }
}

export const outcomes = ({ operations }: Applied): Record<string, number> =>
  Object.fromEntries(
    [...Map.groupBy(operations, ({ outcome }) => outcome)].map(([outcome, all]) => [outcome, all.length]),
  )
