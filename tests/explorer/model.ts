/** The small world as a transition system: where it may start, and what may happen next. */
import type { FieldBase } from '../../src/core/base.ts'
import type { FieldValue } from '../../src/core/value.ts'
import type { Budget, Configuration } from './configuration.ts'
import { network } from './network.ts'
import { people } from './people.ts'
import { createPool, type Pool } from './pool.ts'
import { death, protocol } from './protocol.ts'
import type { State } from './state.ts'
import { spelled, typable } from './vendors.ts'
import { createWorld, type Step, type World } from './world.ts'

export interface Model {
  readonly world: World
  starts(budget: Budget): readonly State[]
  steps(state: State): readonly Step[]
  /** A state as numbers, and back. */
  readonly width: number
  encode(state: State): readonly number[]
  decode(row: readonly number[]): State
}

/** In the order of the columns of a row. */
const COMPONENTS = [
  'left',
  'right',
  'base',
  'conflict',
  'intent',
  'calls',
  'task',
  'budget',
  'truth',
  'deviations',
] as const satisfies readonly (keyof State)[]

export function createModel(configuration: Configuration): Model {
  const world = createWorld(configuration)
  const pools = COMPONENTS.map((): Pool<unknown> => createPool())
  return {
    world,
    starts: (budget) =>
      startValues(configuration).map(({ left, right }) => start(world, budget, left, right)),
    // The course of things first, so that of equally short traces the plainest is found first.
    steps: (state) => [
      ...protocol(world, state),
      ...network(world, state),
      ...people(world, state),
      ...death(state),
    ],
    width: COMPONENTS.length,
    encode: (state) => COMPONENTS.map((name, i) => pools[i]!.of(state[name])),
    decode: (row) =>
      Object.fromEntries(COMPONENTS.map((name, i) => [name, pools[i]!.at(row[i]!)])) as unknown as State,
  }
}

function startValues(configuration: Configuration) {
  const values = typable(configuration)
  if (configuration.field.start === 'new') {
    return values.flatMap((left) => values.map((right) => ({ left, right })))
  }
  const [first = null] = values
  return [{ left: first, right: first }]
}

function start(world: World, budget: Budget, left: FieldValue, right: FieldValue): State {
  const held = { left: spelled('left', left), right: spelled('right', right) }
  const values = { left: world.canonical(held.left), right: world.canonical(held.right) }
  const isNew = world.configuration.field.start === 'new'
  const base: FieldBase = { ...values, doubt: false, held: null, once: false, ring: [] }
  return {
    left: { value: held.left, by: 'person' },
    right: { value: held.right, by: 'person' },
    base: isNew ? null : base,
    conflict: null,
    intent: null,
    calls: [],
    task: null,
    budget,
    // On a new link whatever is there was typed by somebody, and blank is what nobody typed.
    truth: { base: isNew ? { left: null, right: null } : values, owed: null, noted: true, haunted: false },
    deviations: [],
  }
}
