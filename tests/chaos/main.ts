/** `npm run chaos -- --minutes 1 [--seed N] [--cast hub] [--json]`: see README.md beside this file. */
import { proofCommand } from '../proof/command.ts'
import { CAST_NAMES } from '../sim/cast.ts'
import { runChaos } from './chaos.ts'
import { summaryText } from './summary.ts'

const command =
  proofCommand(`npm run chaos: the packaged command against a sandbox, with people, faults and kill -9; then the comparer judges.

  npm run chaos                               a minute of it
  npm run chaos -- --minutes 10 --seed 7      longer, and the same course of things again
  npm run chaos -- --cast attio-hubspot       without Salesforce
  npm run -s chaos -- --json                  one JSON document on stdout

Exit code 1 when a promise was broken.
`)

const values = command.options({
  minutes: { type: 'string', default: '1' },
  seed: { type: 'string' },
  cast: { type: 'string', default: 'hub' },
  json: { type: 'boolean', default: false },
})
const minutes = Number(values.minutes)
if (!(minutes > 0)) command.misuse(`--minutes ${values.minutes} makes no sense: give a number above 0`)
const seed = values.seed === undefined ? Date.now() % 1_000_000 : command.whole('--seed', values.seed)
const cast = command.oneOf('--cast', values.cast, CAST_NAMES)

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
