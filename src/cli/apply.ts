/** `attune apply`: carries out a plan, exactly. */
import type { Command } from 'commander'
import { withCommonOptions, type CommonOptions } from './options.ts'
import { print } from './terminal.ts'

export function addApply(program: Command): void {
  withCommonOptions(program.command('apply'))
    .description('carry out a plan that `attune plan --out` wrote, exactly that and nothing else')
    .argument('<plan>', 'the plan file')
    .option('--accept-guards', 'go on although a mass-change guard stops it')
    .addHelpText(
      'after',
      `
Every record in the plan is read again and decided again. What comes out as planned, on the same grounds, is sent;
what changed since is reported as stale and left alone; what is not in the plan is not touched. Operations may be
taken out of the file beforehand. Stopped in the middle, the same command goes on where it was.

Examples:
  $ npx attune plan --out plan.json
  $ npx attune apply plan.json
  $ npx attune apply plan.json --json

Exit code 0 when all of it was applied, 1 when operations were stale or failed, 2 when the file is no plan, or was
made for other accounts or under other rules.`,
    )
    .action(apply)
}

async function apply(file: string, options: CommonOptions & { acceptGuards?: boolean }): Promise<void> {
  const [
    { EXIT },
    { readPlan },
    { progressBar },
    { applyText },
    { refuseForeign, runApply },
    { withSession },
  ] = await Promise.all([
    import('./failure.ts'),
    import('./plan-file.ts'),
    import('./progress.ts'),
    import('./render-apply.ts'),
    import('./run-apply.ts'),
    import('./session.ts'),
  ])
  const plan = readPlan(file)
  await withSession(options, { access: 'write' }, async (session) => {
    const progress = progressBar({ quiet: options.json ?? false })
    try {
      const pairings = await session.openPairings()
      refuseForeign(file, plan, pairings)
      const guardsAccepted = options.acceptGuards ?? false
      const summary = await runApply(session, pairings, plan, { progress, guardsAccepted })
      progress.done()
      if (options.json) process.stdout.write(`${JSON.stringify(summary)}\n`)
      else print(applyText(summary))
      process.exitCode = summary.stale + summary.failed === 0 ? EXIT.ok : EXIT.failed
    } finally {
      progress.done()
    }
  })
}
