/** `attune setup`: shows, then creates the fields in which each CRM keeps the other one's record ids. */
import type { Command } from 'commander'
import { withCommonOptions, type CommonOptions } from './options.ts'
import type { StampPlan } from './setup-stamps.ts'

export function addSetup(program: Command): void {
  withCommonOptions(program.command('setup'))
    .description('create the fields that hold record ids; shows them first')
    .option('-y, --yes', 'create them without asking')
    .addHelpText(
      'after',
      `
Attune marks each record with the id of its counterpart, so that pairs are recognised even when the database is
lost. This creates one text field per object and side, and changes nothing else. What exists already is kept.

Examples:
  $ npx attune setup                shows the fields and asks
  $ npx attune setup --yes
  $ npx attune setup --json         lists them; creates them only with --yes

Exit code 0 when every field exists, 1 when fields are still missing.`,
    )
    .action(setup)
}

async function setup(options: CommonOptions & { readonly yes?: boolean }): Promise<void> {
  const [{ isConfirmed }, { EXIT }, { withConnections }, { plannedStamps }] = await Promise.all([
    import('./confirm.ts'),
    import('./failure.ts'),
    import('./session.ts'),
    import('./setup-stamps.ts'),
  ])
  await withConnections(options, { missingStamps: 'ignore' }, async (both) => {
    const stamps = (await both.openPairings()).flatMap(plannedStamps)
    if (!options.json) process.stdout.write(await planText(stamps))
    const isAgreed =
      stamps.length > 0 && (options.yes === true || (await isConfirmed('Create them?', options, both.signal)))
    if (isAgreed) for (const stamp of stamps) await stamp.create()
    const isComplete = stamps.length === 0 || isAgreed
    if (options.json) {
      const state = isAgreed ? 'created' : 'missing'
      const fields = stamps.map(({ connection, object, field }) => ({
        connection,
        object,
        field: field.name,
        type: 'text',
        unique: field.unique,
        state,
      }))
      process.stdout.write(`${JSON.stringify({ fields })}\n`)
    } else if (stamps.length > 0) {
      process.stdout.write(isAgreed ? 'Created.\n' : 'Nothing was created. With --yes they are.\n')
    }
    process.exitCode = isComplete ? EXIT.ok : EXIT.failed
  })
}

async function planText(stamps: readonly StampPlan[]): Promise<string> {
  if (stamps.length === 0) return 'Every field is there already: nothing to set up.\n'
  const { table } = await import('./style.ts')
  const rows = stamps.map(({ connection, object, field }) => [
    `  ${connection}`,
    `${object}.${field.name}`,
    field.unique ? 'text, unique' : 'text',
    field.description,
  ])
  return `These fields would be created:\n\n${table(rows)}\n\n`
}
