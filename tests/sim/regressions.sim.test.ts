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

test.each(readdirSync(FOLDER).toSorted())('%s breaks nothing any more', async (file) => {
  const { violations, figures } = await playScenario(historyIn(file))
  expect(violations).toEqual([])
  // A history in which nobody does anything would prove nothing.
  expect(figures.edits).toBeGreaterThan(0)
})

function historyIn(file: string): Scenario {
  return JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as Scenario
}
