/** `npm run bench`: what the engine costs; see the usage below. */
import { proofCommand } from '../proof/command.ts'
import { goalsOf } from './goals.ts'
import { measureSizes } from './memory.ts'
import { measureRatios } from './ratios.ts'
import { reportText, type Report } from './report.ts'
import { measureRequests } from './requests.ts'
import { say } from './stand.ts'

const PARTS = ['ratios', 'requests', 'memory'] as const

const command =
  proofCommand(`npm run bench: how much the engine adds to the calls it makes, how many calls it makes, and how much memory it takes.
Everything runs against a sandbox in another process, and every figure is measured in this very run.

  npm run bench                    the whole of it, some minutes, as tables
  npm run -s bench -- --json       one JSON document on stdout
  npm run bench -- --quick         small worlds, for CI: about a minute
  npm run bench -- --only ratios   one part: ratios, requests or memory
`)

const values = command.options({
  json: { type: 'boolean', default: false },
  quick: { type: 'boolean', default: false },
  only: { type: 'string' },
})
const only = values.only === undefined ? undefined : command.oneOf('--only', values.only, PARTS)
const wants = (part: (typeof PARTS)[number]) => only === undefined || only === part

const size = values.quick
  ? {
      people: 300,
      changed: 150,
      pacedPeople: 150,
      pacedLoad: 1_500,
      rounds: 2,
      sequential: false,
      load: 1_000,
      wave: 100,
      sizes: [300, 1_000],
    }
  : {
      people: 2_000,
      changed: 1_000,
      pacedPeople: 600,
      pacedLoad: 6_000,
      rounds: 3,
      sequential: true,
      load: 10_000,
      wave: 100,
      sizes: [2_000, 20_000],
    }

const report: Report = { ratios: [], requests: null, memory: [], noop: null, goals: [] }
if (wants('ratios')) {
  say('Engine against a bare loop')
  report.ratios = await measureRatios(size)
}
if (wants('requests')) {
  say('Requests per record')
  report.requests = await measureRequests({ people: size.load, changed: size.wave })
}
if (wants('memory')) {
  say('Memory and the pass that finds nothing to do')
  Object.assign(report, await measureSizes(size.sizes))
}
report.goals = goalsOf(report)
process.stdout.write(values.json ? `${JSON.stringify(report, null, 2)}\n` : reportText(report))
