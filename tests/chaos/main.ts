/** `npm run chaos -- --minutes 1 [--seed N] [--cast hub] [--json]`: see README.md beside this file. */
import { parseArgs } from 'node:util'
import { CAST_NAMES } from '../sim/cast.ts'
import { runChaos } from './chaos.ts'
import { summaryText } from './summary.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string' },
    cast: { type: 'string', default: 'hub' },
    json: { type: 'boolean', default: false },
  },
})
const minutes = Number(values.minutes)
if (!(minutes > 0)) throw new Error(`--minutes ${values.minutes} makes no sense: give a number above 0`)
const seed = values.seed === undefined ? Date.now() % 1_000_000 : Number(values.seed)
if (!Number.isInteger(seed)) throw new Error(`--seed ${values.seed} makes no sense: give a whole number`)
const cast = CAST_NAMES.find((name) => name === values.cast)
if (!cast) throw new Error(`--cast ${values.cast} makes no sense: there is ${CAST_NAMES.join(', ')}`)

const stopping = new AbortController()
process.once('SIGINT', () => stopping.abort(new Error('stopped before the verdict')))
process.once('SIGTERM', () => stopping.abort(new Error('stopped before the verdict')))
const summary = await runChaos({
  seed,
  minutes,
  cast,
  signal: stopping.signal,
  say: (text) => process.stderr.write(`${text}\n`),
})
process.stdout.write(values.json ? `${JSON.stringify(summary)}\n` : summaryText(summary))
process.exitCode = summary.violations.length > 0 ? 1 : 0
