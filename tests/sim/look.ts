/** `node tests/sim/look.ts SEED [INVARIANT]`: plays one seed, shrinks what it breaks and tells the story. */
import { writeFileSync } from 'node:fs'
import { sealFetch } from '../../src/connectors/transport.ts'
import { START_MS } from './cast.ts'
import { drawScenario } from './draw.ts'
import { playScenario } from './run.ts'
import { shrink } from './shrink.ts'
import { exchangesText, scenarioText } from './trace.ts'

sealFetch()
const [seed = '1', wanted, reads] = process.argv.slice(2)
const scenario = drawScenario(Number(seed))
const { violations } = await playScenario(scenario)
for (const { invariant, what } of violations) console.log(`${invariant}: ${what}`)
const invariant = (wanted === '-' ? undefined : wanted) ?? violations[0]?.invariant
if (invariant !== undefined) {
  const small = await shrink(scenario, invariant)
  console.log(`\nshrunk in ${small.plays} plays\n`)
  console.log(scenarioText(small.scenario))
  const outcome = await playScenario(small.scenario)
  console.log()
  for (const each of outcome.violations) console.log(`${each.invariant}: ${each.what}`)
  console.log()
  console.log(
    exchangesText(outcome.exchanges, START_MS, reads === 'reads')
      .split('\n')
      .slice(0, 60)
      .join('\n'),
  )
  writeFileSync(`/tmp/seed-${seed}.json`, JSON.stringify(small.scenario, null, 2))
}
