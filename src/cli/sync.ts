/** `attune sync`: one complete pass. */
import type { Command } from 'commander'
import { withCommonOptions, type CommonOptions } from './options.ts'
import { print } from './terminal.ts'

export function addSync(program: Command): void {
  withCommonOptions(program.command('sync'))
    .description('one complete pass: look at all sides, reconcile, deliver, until nothing is left to do')
    .option('--accept-guards', 'go on although a mass-change guard stops the pass')
    .addHelpText(
      'after',
      `
Examples:
  $ npx attune sync                 bring the CRMs into agreement once
  $ npx attune sync --json          the same, with one JSON summary on stdout
  $ npx attune plan && npx attune sync

Exit code 0 when the pass is complete (conflicts and reviews may wait), 1 when it failed or was stopped, 2 for a
wrong setup.`,
    )
    .action(sync)
}

async function sync(options: CommonOptions & { acceptGuards?: boolean }): Promise<void> {
  const [{ progressBar }, { summaryText }, { runSync, sideNames }, { withSession }] = await Promise.all([
    import('./progress.ts'),
    import('./render-summary.ts'),
    import('./run-sync.ts'),
    import('./session.ts'),
  ])
  await withSession(options, { access: 'write' }, async (session) => {
    const progress = progressBar({ quiet: options.json ?? false })
    try {
      const pairings = await session.openPairings()
      const summary = await runSync(session, pairings, {
        progress,
        guardsAccepted: options.acceptGuards ?? false,
        withOpening: true,
      })
      progress.done()
      const status = await session.store.status(session.runtime.now())
      const text = options.json
        ? `${JSON.stringify(summary)}\n`
        : summaryText(summary, status, sideNames(pairings))
      print(text)
    } finally {
      progress.done()
    }
  })
}
