/** `attune undo`: takes a run back. */
import type { Command } from 'commander'
import { withCommonOptions, type CommonOptions } from './options.ts'
import type { UndoDocument } from './run-undo.ts'
import { print } from './terminal.ts'

type UndoOptions = CommonOptions & {
  readonly dryRun?: boolean
  readonly yes?: boolean
  readonly acceptGuards?: boolean
}

export function addUndo(program: Command): void {
  withCommonOptions(program.command('undo'))
    .description('take back what a run did, wherever nobody touched it since')
    .argument('<run>', 'the run, as `attune runs` lists it')
    .option('--dry-run', 'show what would be taken back, and what would stay and why')
    .option('-y, --yes', 'do it without asking')
    .option('--accept-guards', 'go on although a mass-change guard stops it')
    .addHelpText(
      'after',
      `
A field that still holds what the run wrote gets its former value; a record that the run made goes away unless
somebody worked on it; one that it removed is made anew; pairs that it made are set apart. Whatever was changed since
stays, and is named. The sides then differ where they differed before the run, and the next pass leaves them so.

An undo is a run too: undoing it does the run once more. Stopped in the middle, the same command goes on where it
was. Merges in a CRM cannot be taken back.

Examples:
  $ npx attune runs
  $ npx attune undo 5e3c… --dry-run
  $ npx attune undo 5e3c… --yes --json

Exit code 0 when all of it was taken back (or would be), 1 when something stays or nothing was agreed to, 2 when there
is no such run.`,
    )
    .action(undo)
}

async function undo(target: string, options: UndoOptions): Promise<void> {
  const [{ isConfirmed }, { EXIT }, { progressBar }, render, { previewUndo, runUndo }, { withSession }] =
    await Promise.all([
      import('./confirm.ts'),
      import('./failure.ts'),
      import('./progress.ts'),
      import('./render-undo.ts'),
      import('./run-undo.ts'),
      import('./session.ts'),
    ])
  const isDry = options.dryRun ?? false
  const how = isDry
    ? ({ access: 'copy', dryRun: true, mustExist: true } as const)
    : ({ access: 'write', mustExist: true } as const)
  await withSession(options, how, async (session) => {
    const progress = progressBar({ quiet: options.json ?? false })
    const say = (document: UndoDocument, text: string) => {
      if (options.json) process.stdout.write(`${JSON.stringify(document)}\n`)
      else print(text)
    }
    try {
      const pairings = await session.openPairings()
      const preview = await previewUndo(session, pairings, target, progress)
      progress.done()
      const { document } = preview
      const isEmpty = document.operations.length === 0
      const isAsked = !isDry && !isEmpty && !options.yes
      if (!options.json) print(render.previewText(preview.run, document))
      const isAgreed =
        !isDry &&
        !isEmpty &&
        (options.yes === true || (await isConfirmed('Take it back?', options, session.signal)))
      if (!isAgreed) {
        say(document, isAsked ? 'Nothing was taken back. With --yes it is.\n' : '')
        process.exitCode = isAsked || document.left.length > 0 ? EXIT.failed : EXIT.ok
        return
      }
      const done = await runUndo(session, pairings, preview, {
        progress,
        guardsAccepted: options.acceptGuards ?? false,
      })
      progress.done()
      say(done, render.doneText(done))
      process.exitCode = done.left.length === 0 ? EXIT.ok : EXIT.failed
    } finally {
      progress.done()
    }
  })
}
