/** `attune plan`: what a pass would do, field by field, without doing it. */
import type { Command } from 'commander'
import { withCommonOptions, type CommonOptions } from './options.ts'
import { print } from './terminal.ts'

type PlanOptions = CommonOptions & { readonly out?: string; readonly acceptGuards?: boolean }

export function addPlan(program: Command): void {
  withCommonOptions(program.command('plan'))
    .description('what a pass would do, field by field; no request that could change anything is sent')
    .option('--out <file>', 'write the whole plan to FILE, as JSON')
    .option('--accept-guards', 'plan on although a mass-change guard would stop the pass')
    .addHelpText(
      'after',
      `
The real engine runs on a copy of the database and on connections that refuse every changing request. It works
beside a running \`attune start\`. A record that is still to be created has a name of the form $<link>.<side>, by
which later operations point at it. What vendors do by themselves, such as enrichment, is not in the plan; neither,
with several pairings, is what one of them passes on of another's writes: the next plan has it.

Examples:
  $ npx attune plan
  $ npx attune plan --out plan.json && npx attune apply plan.json

Exit code 0 when there is nothing to do, 2 when there are changes.`,
    )
    .action(plan)
}

async function plan(options: PlanOptions): Promise<void> {
  const [{ EXIT }, { makePlan }, { progressBar }, { planText }, { sideNames }, { withSession }] =
    await Promise.all([
      import('./failure.ts'),
      import('./make-plan.ts'),
      import('./progress.ts'),
      import('./render-plan.ts'),
      import('./run-sync.ts'),
      import('./session.ts'),
    ])
  await withSession(options, { access: 'copy', dryRun: true }, async (session) => {
    const progress = progressBar({ quiet: options.json ?? false })
    try {
      const pairings = await session.openPairings()
      const made = await makePlan(session, pairings, progress, {
        guardsAccepted: options.acceptGuards ?? false,
      })
      progress.done()
      if (options.out !== undefined) {
        const { writeReportFile } = await import('./report-file.ts')
        await writeReportFile(options.out, `${JSON.stringify(made, null, 2)}\n`)
      }
      if (options.json) process.stdout.write(`${JSON.stringify(made)}\n`)
      else print(planText(made, sideNames(pairings)))
      process.exitCode = made.changes === 0 ? EXIT.ok : EXIT.operator
    } finally {
      progress.done()
    }
  })
}
