/** `npm run explore`: every interleaving of a small world; see the usage below. */
import { proofCommand } from '../proof/command.ts'
import { CONFIGURATIONS } from './configurations.ts'
import { explore } from './explore.ts'
import { documentOf, headline, line, type Row } from './report.ts'
import { surprises } from './verdict.ts'

const command =
  proofCommand(`npm run explore: every interleaving of a small world, configuration by configuration.

  npm run explore                        the scopes that CI explores
  npm run explore -- --big               the table's scope: 4 edits, 1 crash, 2 network faults
  npm run explore -- --config A,B,X1     some of them
  npm run -s explore -- --json           one JSON document on stdout

Exit code 1 when any configuration behaves otherwise than expected; a shortest trace says how.
`)

const values = command.options({
  config: { type: 'string' },
  big: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
})
const known = CONFIGURATIONS.map(({ name }) => name)
const asked = values.config?.split(',').map((name) => command.oneOf('--config', name.trim(), known))

const rows: Row[] = []
if (!values.json) process.stdout.write(headline())
for (const configuration of CONFIGURATIONS) {
  if (asked && !asked.includes(configuration.name)) continue
  const startedAt = performance.now()
  const exploration = explore(configuration, values.big ? configuration.big : configuration.small)
  const row: Row = {
    exploration,
    seconds: (performance.now() - startedAt) / 1_000,
    surprises: surprises(exploration),
  }
  rows.push(row)
  if (!values.json) process.stdout.write(line(row))
}
if (values.json) process.stdout.write(`${JSON.stringify(documentOf(rows, values.big), null, 2)}\n`)
process.exitCode = rows.some((row) => row.surprises.length > 0) ? 1 : 0
