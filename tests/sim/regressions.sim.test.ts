/**
 * Histories that once broke a promise, as small as they could be made. Kept as data and not as seeds: a seed draws
 * another history as soon as anything is added to the drawing. `npm run sim -- --seed N --save FILE` makes one.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sealFetch } from '../../src/connectors/transport.ts'
import { playScenario } from './run.ts'
import type { Scenario } from './scenario.ts'

sealFetch()

const FOLDER = new URL('./regressions/', import.meta.url)

/** File in `known/` → the promise that it still breaks. README.md says of each why. */
const KNOWN = [
  ['reference-added-in-the-window.json', 'I13'],
  ['restored-with-unseen-edit.json', 'I4'],
] as const

test.each(KNOWN)('%s still breaks %s: whoever repairs it moves it to the others', async (file, invariant) => {
  const { violations } = await playScenario(historyIn('./known/', file))
  expect(new Set(violations.map((each) => each.invariant))).toEqual(new Set([invariant]))
})

test.each(readdirSync(FOLDER).toSorted())('%s breaks nothing any more', async (file) => {
  const { violations, figures } = await playScenario(historyIn('./regressions/', file))
  expect(violations).toEqual([])
  // A history in which nobody does anything would prove nothing.
  expect(figures.edits).toBeGreaterThan(0)
})

function historyIn(folder: string, file: string): Scenario {
  return JSON.parse(readFileSync(new URL(folder + file, import.meta.url), 'utf8')) as Scenario
}
