/** One process: explores configurations with the mutant that was preloaded. Started by `trials.ts`; not for people. */
import { parseArgs } from 'node:util'
import { FINDINGS, type Finding } from '../../explorer/configuration.ts'
import { CONFIGURATIONS } from '../../explorer/configurations.ts'
import { explore } from '../../explorer/explore.ts'
import { assertApplied, mutant } from './preload.ts'
import type { Sight, Trial } from './trial.ts'

/** The promise that each finding of the explorer's monitors breaks. */
const PROMISE: Readonly<Record<Finding, string>> = {
  revert: 'I4',
  'blind overwrite': 'I5',
  'zombie overwrite': 'I4',
  'loss behind a zombie': 'I4',
  'write without cause': 'I3',
  'base off': 'I15',
  'silent divergence': 'I1',
  'loss unreported': 'I4',
  'stale conflict': 'I6',
}

const { values } = parseArgs({ options: { scenes: { type: 'string', default: 'A' } } })
const startedMs = performance.now()
const sights: Sight[] = []
let played = 0
for (const scene of values.scenes.split(',')) {
  const configuration = CONFIGURATIONS.find((each) => each.name === scene)
  if (!configuration) throw new Error(`the explorer has no configuration ${scene}`)
  const { found, unrest, trace } = explore(configuration, configuration.small)
  const { must, may, terminates, writesMax } = configuration.expected
  played += 1
  for (const finding of FINDINGS) {
    if (!found.has(finding) || must.includes(finding) || may.includes(finding)) continue
    sights.push({ scene, invariant: PROMISE[finding], what: `${finding}: ${trace(finding).join('; ')}` })
  }
  if (terminates && unrest.endless > 0) {
    sights.push({ scene, invariant: 'I2', what: `writes for ever: ${trace('endless').join('; ')}` })
  } else if (unrest.writesMax > writesMax) {
    sights.push({ scene, invariant: 'I2', what: `${unrest.writesMax} writes until rest` })
  }
  if (sights.some(({ invariant }) => mutant?.breaks.includes(invariant))) break
}
assertApplied()
const trial: Trial = { played, sights, ms: Math.round(performance.now() - startedMs) }
process.stdout.write(`${JSON.stringify(trial)}\n`)
