/** `attune pair`: which records belong together, before the first pass; and a person's word on it. */
import type { Command } from 'commander'
import type { PairOutcome } from '../stages/pair.ts'
import { withCommonOptions, type CommonOptions } from './options.ts'
import { print } from './terminal.ts'

type PairOptions = CommonOptions & { readonly out?: string; readonly from?: string }

export function addPair(program: Command): void {
  withCommonOptions(program.command('pair'))
    .description('which records belong together, and by what evidence; changes nothing in the CRMs')
    .option('--out <file>', 'write one row per proposal to FILE (.csv), to decide in')
    .option('--from <file>', 'carry out the decisions of such a file')
    .addHelpText(
      'after',
      `
The report says what a pass would link, what it would create, and where a person has to say. In the file, write
into the column \`decision\`:
  link     these two are one
  apart    these are not: whoever of them has no counterpart stays alone, and nothing is created for it
and leave it empty where the proposal is right. What was left apart is in the report and the file from then on;
\`link\` takes the word back. Decisions go into our database only; the next pass acts on them.

The report is made beside a running \`attune start\`. Stop that before --from: a start afterwards goes on from there.

Examples:
  $ npx attune pair
  $ npx attune pair --out decisions.csv
  $ npx attune pair --from decisions.csv

Exit code 0 when nothing needs a person, 2 when review is needed (or, with --from, 1 when a row was refused).`,
    )
    .action(pair)
}

async function pair(options: PairOptions): Promise<void> {
  await (options.from === undefined ? report(options) : replay(options, options.from))
}

async function report(options: PairOptions): Promise<void> {
  const [
    { EXIT },
    { makePairingReport },
    { pairingsCsv },
    { progressBar },
    { pairingText },
    { extensionOf, writeReportFile },
    { sideNames },
    { withSession },
  ] = await Promise.all([
    import('./failure.ts'),
    import('./make-pairing-report.ts'),
    import('./pairing-csv.ts'),
    import('./progress.ts'),
    import('./render-pairing.ts'),
    import('./report-file.ts'),
    import('./run-sync.ts'),
    import('./session.ts'),
  ])
  // Before minutes of work, not after them.
  if (options.out !== undefined) extensionOf(options.out, ['csv'])
  await withSession(options, { access: 'copy', dryRun: true }, async (session) => {
    const progress = progressBar({ quiet: options.json ?? false })
    try {
      const pairings = await session.openPairings()
      const reports = await makePairingReport(session, pairings, progress)
      progress.done()
      if (options.out !== undefined) await writeReportFile(options.out, pairingsCsv(reports))
      if (options.json) {
        const documents = reports.map(({ mapping, linked, cases }) => ({ mapping, linked, cases }))
        process.stdout.write(`${JSON.stringify(documents)}\n`)
      } else {
        print(pairingText(reports, sideNames(pairings)))
        if (options.out !== undefined) print(`Written to ${options.out}.\n`)
      }
      const needsReview = reports.some(({ cases }) => cases.some(({ proposal }) => proposal === 'review'))
      process.exitCode = needsReview ? EXIT.operator : EXIT.ok
    } finally {
      progress.done()
    }
  })
}

async function replay(options: PairOptions, file: string): Promise<void> {
  const [
    { createEngine },
    { readText },
    { EXIT },
    { applyPairDecisions },
    { readPairDecisions },
    { withSession },
  ] = await Promise.all([
    import('../compose.ts'),
    import('../config.ts'),
    import('./failure.ts'),
    import('../stages/pair.ts'),
    import('./pairing-csv.ts'),
    import('./session.ts'),
  ])
  const decisions = readPairDecisions(readText(file), file)
  const whenTaken = `decisions on pairs are not taken beside it: stop it (Ctrl-C, or SIGTERM), run \`attune pair --from ${file}\`, and start it again; it goes on where it stopped`
  await withSession(options, { access: 'write', dryRun: true, whenTaken }, async (session) => {
    const { runtime, store, signal } = session
    const run = runtime.id()
    await store.startRun({ id: run, kind: 'pair', pairing: null, atMs: runtime.now() })
    const outcomes: PairOutcome[] = []
    const pairings = await session.openPairings()
    for (const { pairing } of pairings) {
      const engine = createEngine({
        app: session,
        store,
        pairing,
        pairings,
        run,
        signal,
        guardsAccepted: false,
      })
      const own = decisions.filter(({ mapping }) => pairingOf(mapping) === pairing.name)
      outcomes.push(...(await applyPairDecisions(engine, own)))
    }
    const known = new Set(pairings.map(({ pairing }) => pairing.name))
    for (const decision of decisions.filter(({ mapping }) => !known.has(pairingOf(mapping)))) {
      outcomes.push({ decision, outcome: 'refused', because: `there is no mapping ${decision.mapping}` })
    }
    await store.endRun({ id: run, atMs: runtime.now(), summary: null })
    const refused = outcomes.filter(({ outcome }) => outcome === 'refused')
    if (options.json) {
      const rows = outcomes.map(({ decision, outcome, because }) => ({ ...decision, outcome, because }))
      process.stdout.write(
        `${JSON.stringify({ decided: rows.length - refused.length, refused: refused.length, decisions: rows })}\n`,
      )
    } else {
      for (const { decision, outcome, because } of outcomes) {
        const records = [decision.left, decision.right].filter((id) => id !== null).join(' and ')
        print(`${decision.mapping}  ${records}: ${outcome}${because === '' ? '' : `, ${because}`}\n`)
      }
      print(
        `${outcomes.length - refused.length} carried out, ${refused.length} refused. The next pass acts on them.\n`,
      )
    }
    process.exitCode = refused.length === 0 ? EXIT.ok : EXIT.failed
  })
}

/** Mappings are called `<pairing>/<left object>-<right object>`. */
function pairingOf(mapping: string): string {
  return mapping.split('/', 1)[0] ?? ''
}
