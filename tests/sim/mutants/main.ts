/** `npm run sim:mutants`: see README.md beside this file, and the usage below. */
import { proofCommand } from '../../proof/command.ts'
import { MUTANTS, mutantNamed } from './list.ts'
import { readMeasured, writeMeasured } from './measured.ts'
import { measure } from './rate.ts'
import { documentOf, headline, rateLine, verdictLine } from './report.ts'
import { tryMutants } from './trials.ts'

const command = proofCommand(`npm run sim:mutants: engines broken on purpose, and who notices.

  npm run sim:mutants                      all of them, as a table
  npm run -s sim:mutants -- --json         one JSON document on stdout
  npm run sim:mutants -- --only NAME       one or several (comma)
  npm run sim:mutants -- --rate 100        measures how many of the seeds 1 to 100 show each, and notes it

Exit code 1 when one survives, or could not be tried.
`)

const values = command.options({
  only: { type: 'string' },
  json: { type: 'boolean', default: false },
  rate: { type: 'string' },
})
const names = MUTANTS.map(({ name }) => name)
const mutants =
  values.only?.split(',').map((name) => mutantNamed(command.oneOf('--only', name.trim(), names))) ?? MUTANTS

if (values.rate !== undefined) {
  await measure(mutants, command.whole('--rate', values.rate), {
    onMeasured: (mutant, measured) => {
      writeMeasured({ ...readMeasured(), [mutant.name]: measured })
      process.stdout.write(rateLine(mutant, measured))
    },
    onTrouble: (what) => {
      process.exitCode = 1
      process.stdout.write(`${what}\n`)
    },
  })
} else {
  const startedMs = performance.now()
  if (!values.json) process.stdout.write(headline())
  const say = values.json
    ? undefined
    : (verdict: Parameters<typeof verdictLine>[0]) => process.stdout.write(verdictLine(verdict))
  const verdicts = await tryMutants(mutants, say)
  const document = documentOf(verdicts, performance.now() - startedMs)
  if (values.json) process.stdout.write(`${JSON.stringify(document)}\n`)
  else
    process.stdout.write(
      `${document.caught} of ${document.total} caught${document.survivors.length === 0 ? '' : `; not: ${document.survivors.join(', ')}`}\n`,
    )
  process.exitCode = document.caught === document.total ? 0 : 1
}
