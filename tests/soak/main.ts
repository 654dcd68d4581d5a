/** `npm run soak`: a month of an office in minutes; see the usage below. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sealFetch } from '../../src/connectors/transport.ts'
import { proofCommand } from '../proof/command.ts'
import { goalsOf, type Goal } from './goals.ts'
import { soak, type SoakReport } from './run.ts'

const command =
  proofCommand(`npm run soak: 30 virtual days of an office over the vendors' models: mixed edits on both sides, outages of each vendor
for hours, lost, doubled and late webhooks, requests that vanish, revoked tokens, and a process that dies and is started
again.

  npm run soak                            as a table
  npm run -s soak -- --json               one JSON document on stdout
  npm run soak -- --days 90 --seed 7      longer, another office

Exit code 1 when an own write was taken for an edit, the CRMs differ at the end without anybody having been told, or
memory or database grew with the days.
`)

const values = command.options({
  json: { type: 'boolean', default: false },
  days: { type: 'string', default: '30' },
  seed: { type: 'string', default: '1' },
})

sealFetch()
const folder = await mkdtemp(join(tmpdir(), 'attune-soak-'))
try {
  const report = await soak({
    seed: command.whole('--seed', values.seed),
    days: command.whole('--days', values.days),
    file: join(folder, 'attune.db'),
    onDay: ({ day, heapMb, databaseMb }) =>
      process.stderr.write(`day ${day}: ${heapMb} MB of memory, ${databaseMb} MB of database\n`),
  })
  const goals = goalsOf(report)
  const { user, system } = process.cpuUsage()
  const cpuSeconds = Math.round((user + system) / 1e6)
  const document = { ...report, cpuSeconds, goals }
  process.stdout.write(
    values.json ? `${JSON.stringify(document, null, 2)}\n` : textOf(report, goals, cpuSeconds),
  )
  process.exitCode = goals.every(({ met }) => met) ? 0 : 1
} finally {
  await rm(folder, { recursive: true, force: true })
}

function textOf(report: SoakReport, goals: readonly Goal[], cpuSeconds: number): string {
  const { webhooks, hoursAway, ends } = report
  const list = (counts: Readonly<Record<string, number>>, unit: string) =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}${unit}`)
      .join(', ')
  return [
    `${report.days} virtual days in ${cpuSeconds} s of CPU`,
    `  ${report.edits} edits by people, ${report.requests} requests, ${report.writes} of them writes, ${report.conflictsDecided} conflicts decided`,
    `  webhooks: ${list(webhooks, '')}; away: ${list(hoursAway, ' h')}`,
    `  ${report.deaths} deaths of the process, other ends: ${list(ends, '')}`,
    `  ${report.ownWrites} fields written, ${report.ownWritesTakenForEdits} of them taken for edits`,
    ...report.findings.map((finding) => `  FOUND ${finding}`),
    '',
    ...goals.map(
      ({ name, measured, most, met }) =>
        `  ${met ? 'met   ' : 'MISSED'}  ${name}: ${measured} (at most ${most})`,
    ),
    '',
  ].join('\n')
}
