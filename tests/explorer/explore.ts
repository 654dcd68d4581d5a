/**
 * Visits every reachable state of a configuration, breadth first, so that the first sight of anything wrong comes
 * with a shortest trace. Deterministic: the same configuration gives the same states in the same order.
 */
import type { Budget, Configuration, Finding } from './configuration.ts'
import { createModel, type Model } from './model.ts'
import { watchRest } from './monitors.ts'
import { Numbers } from './numbers.ts'
import { createRestGraph, type Unrest } from './rest-graph.ts'
import { createStateTable, type StateTable } from './state-table.ts'

export interface Exploration {
  readonly configuration: Configuration
  readonly states: number
  readonly edges: number
  /** How often each finding was made: once per state at rest, once per step otherwise. */
  readonly found: ReadonlyMap<Finding, number>
  readonly unrest: Unrest
  /** A shortest trace to the first sight of a finding, or into a loop that writes for ever. */
  readonly trace: (of: Finding | 'endless') => readonly string[]
}

interface Sight {
  readonly state: number
  /** The step that shows it; null when the state itself does. */
  readonly does: string | null
}

export function explore(configuration: Configuration, budget: Budget): Exploration {
  const model = createModel(configuration)
  const table = createStateTable(model.width)
  const parents = new Numbers()
  const rest = createRestGraph()
  const found = new Map<Finding, number>()
  const first = new Map<Finding, Sight>()
  const note = (finding: Finding, sight: Sight): void => {
    found.set(finding, (found.get(finding) ?? 0) + 1)
    if (!first.has(finding)) first.set(finding, sight)
  }
  let edges = 0

  for (const state of model.starts(budget)) {
    if (table.add(model.encode(state)).isNew) parents.push(-1)
  }
  for (let index = 0; index < table.size; index += 1) {
    const state = model.decode(table.at(index))
    for (const finding of watchRest(model.world, state) ?? []) note(finding, { state: index, does: null })
    rest.open()
    for (const step of model.steps(state)) {
      const { index: target, isNew } = table.add(model.encode(step.next))
      if (isNew) parents.push(index)
      edges += 1
      if (step.kind === 'course') rest.add(target, step.wrote)
      for (const finding of step.finds) note(finding, { state: index, does: step.does })
    }
  }

  const unrest = rest.analyse()
  return {
    configuration,
    states: table.size,
    edges,
    found,
    unrest,
    trace(of) {
      if (of === 'endless') return unrest.loop === null ? [] : endless(unrest.loop)
      const sight = first.get(of)
      if (!sight) return []
      return [...path(model, table, parents, sight.state), ...(sight.does === null ? [] : [sight.does])]
    },
  }

  function endless(loop: readonly number[]): readonly string[] {
    const [entry = 0] = loop
    const around = loop.map((from, i) => stepBetween(model, table, from, loop[i + 1] ?? entry))
    return [
      ...path(model, table, parents, entry),
      'from here on for ever:',
      ...around.map((does) => `  ${does}`),
    ]
  }
}

function path(model: Model, table: StateTable, parents: Numbers, index: number): readonly string[] {
  const states = [index]
  for (let at = parents.at(index); at >= 0; at = parents.at(at)) states.unshift(at)
  return states.slice(1).map((to, i) => stepBetween(model, table, states[i] ?? 0, to))
}

function stepBetween(model: Model, table: StateTable, from: number, to: number): string {
  const step = model
    .steps(model.decode(table.at(from)))
    .find(({ next }) => table.add(model.encode(next)).index === to)
  if (!step) throw new Error(`no step leads from state ${from} to state ${to}`)
  return step.does
}
