/** `npm run sim`: plays seeds and says what broke. See README.md beside this file. */
import { parseArgs } from 'node:util'
import { sealFetch } from '../../src/connectors/transport.ts'
import { drawScenario } from './draw.ts'
import { playScenario } from './run.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
sealFetch()
const from = Number(values.seed ?? values.from)
const count = values.seed === undefined ? Number(values.seeds) : 1
const startedMs = performance.now()
const faults: Record<string, number> = {}
const totals = { violations: 0, crashes: 0, timeouts: 0, requests: 0, writes: 0, edits: 0 }
const byInvariant: Record<string, number[]> = {}
for (let seed = from; seed < from + count; seed += 1) {
  const { violations, figures } = await playScenario(drawScenario(seed))
  totals.crashes += figures.deaths
  totals.timeouts += figures.timeouts
  totals.requests += figures.requests
  totals.writes += figures.writes
  totals.edits += figures.edits
  for (const [fault, hits] of Object.entries(figures.faults)) faults[fault] = (faults[fault] ?? 0) + hits
  if (violations.length > 0) totals.violations += 1
  for (const { invariant, what } of violations) {
    ;(byInvariant[invariant] ??= []).push(seed)
    if (!values.json) console.log(`seed ${seed} ${invariant}: ${what}`)
  }
}
const minutes = (performance.now() - startedMs) / 60_000
const report = {
  seeds: count,
  ...totals,
  seedsPerMinute: Math.round(count / minutes),
  faults,
  byInvariant: Object.fromEntries(Object.entries(byInvariant).map(([k, v]) => [k, new Set(v).size])),
}
console.log(JSON.stringify(report, null, values.json ? 0 : 2))
process.exitCode = totals.violations > 0 ? 1 : 0
