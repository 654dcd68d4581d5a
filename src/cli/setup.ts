/** `attune setup`: shows, then creates the fields in which each CRM keeps the other one's record ids. */
import type { Command } from 'commander'
import type { ConnectorError } from '../errors.ts'
import { withCommonOptions, type CommonOptions } from './options.ts'
import type { StampPlan } from './setup-stamps.ts'
import { print } from './terminal.ts'

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
    const stamps = eachOnce((await both.openPairings()).flatMap(plannedStamps))
    if (!options.json) print(await planText(stamps))
    const isAgreed =
      stamps.length > 0 && (options.yes === true || (await isConfirmed('Create them?', options, both.signal)))
    const refusals = isAgreed ? await createAll(stamps) : new Map<StampPlan, ConnectorError>()
    if (options.json) {
      const fields = stamps.map((stamp) => ({
        connection: stamp.connection,
        object: stamp.object,
        field: stamp.field.name,
        type: 'text',
        unique: stamp.field.unique,
        state: !isAgreed ? 'missing' : refusals.has(stamp) ? 'refused' : 'created',
        ...(refusals.has(stamp) && {
          because: refusals.get(stamp)?.message,
          hint: refusals.get(stamp)?.hint,
        }),
      }))
      process.stdout.write(`${JSON.stringify({ fields })}\n`)
    } else if (stamps.length > 0) {
      print(isAgreed ? outcomeText(stamps, refusals) : 'Nothing was created. With --yes they are.\n')
    }
    const isComplete = stamps.length === 0 || (isAgreed && refusals.size === 0)
    process.exitCode = isComplete ? EXIT.ok : EXIT.failed
  })
}

/** Two mappings may keep one object, and then share its field. */
function eachOnce(stamps: readonly StampPlan[]): readonly StampPlan[] {
  const byField = Map.groupBy(stamps, ({ connection, object, field }) =>
    JSON.stringify([connection, object, field.name]),
  )
  return [...byField.values()].flatMap(([first]) => first ?? [])
}

/** One after the other; what an account refuses keeps nobody from the rest, and says what a person has to do. */
async function createAll(stamps: readonly StampPlan[]): Promise<ReadonlyMap<StampPlan, ConnectorError>> {
  const { ConnectorError: Refusal } = await import('../errors.ts')
  const refusals = new Map<StampPlan, ConnectorError>()
  for (const stamp of stamps) {
    try {
      await stamp.create()
    } catch (error) {
      // A dead token refuses everything, and is no matter of single fields.
      if (!(error instanceof Refusal) || error.status === 401) throw error
      refusals.set(stamp, error)
    }
  }
  return refusals
}

function outcomeText(stamps: readonly StampPlan[], refusals: ReadonlyMap<StampPlan, ConnectorError>): string {
  if (refusals.size === 0) return 'Created.\n'
  const lines = [...refusals].map(
    ([{ connection, object, field }, { message, hint }]) =>
      `${connection} ${object}.${field.name}: ${message}\n  → ${hint}\n`,
  )
  return `${stamps.length - refusals.size} created, ${refusals.size} not:\n\n${lines.join('\n')}`
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
