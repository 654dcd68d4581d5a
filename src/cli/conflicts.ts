/** `attune conflicts`: what waits for a person's decision, on the screen, as a page, or as a spreadsheet. */
import type { Command } from 'commander'
import { SIDES } from '../core/record.ts'
import type { ConflictView } from './conflict-view.ts'
import type { FieldIndex } from './field-index.ts'
import { withCommonOptions, type CommonOptions } from './options.ts'
import { print } from './terminal.ts'

/** As many as a person could ever look at; more than that is a mapping to correct, not conflicts to resolve. */
const CONFLICTS_MAX = 100_000

export function addConflicts(program: Command): void {
  withCommonOptions(program.command('conflicts'))
    .description('fields that both sides changed to different values, and that wait for a decision')
    .option('--report <file>', 'write them to FILE: a page (.html) or a spreadsheet to decide in (.csv)')
    .addHelpText(
      'after',
      `
Reads the database only: needs no credentials, and works beside a running \`attune start\`.

Examples:
  $ npx attune conflicts
  $ npx attune conflicts --report conflicts.html
  $ npx attune conflicts --report conflicts.csv     fill the column \`decision\` with left or right, then:
  $ npx attune resolve --from conflicts.csv`,
    )
    .action(conflicts)
}

async function conflicts(options: CommonOptions & { readonly report?: string }): Promise<void> {
  const [{ conflictView }, { fieldIndex }, { settingsWithoutTokens, withStore }, { recordNames }] =
    await Promise.all([
      import('./conflict-view.ts'),
      import('./field-index.ts'),
      import('./open-store.ts'),
      import('./record-names.ts'),
    ])
  const index = fieldIndex(settingsWithoutTokens(options))
  const views = await withStore(options, async (store) => {
    const open = await store.conflicts({ state: 'open', limit: CONFLICTS_MAX })
    const names = await recordNames(store, index, {
      links: open.map(({ link }) => link),
      records: open.flatMap(({ mapping, records }) =>
        SIDES.flatMap((side) => (records[side] === null ? [] : { mapping, side, id: records[side] })),
      ),
    })
    return open.map((conflict) => conflictView(conflict, index.objects(conflict.mapping), names.of))
  })
  if (options.report !== undefined) await writeReport(options.report, views, index)
  if (options.json) process.stdout.write(`${JSON.stringify(views)}\n`)
  else if (options.report === undefined) print(await conflictsText(views, index))
  else print(`${views.length} written to ${options.report}\n`)
}

async function writeReport(file: string, views: readonly ConflictView[], index: FieldIndex): Promise<void> {
  const [{ conflictPage }, { conflictsCsv }, { writeReportFile, extensionOf }] = await Promise.all([
    import('./conflict-page.ts'),
    import('./conflict-csv.ts'),
    import('./report-file.ts'),
  ])
  const text =
    extensionOf(file, ['html', 'csv']) === 'csv'
      ? conflictsCsv(views)
      : conflictPage(views, { names: (pairing) => index.namesOf(pairing), madeAt: new Date().toISOString() })
  await writeReportFile(file, text)
}

export async function conflictsText(views: readonly ConflictView[], index: FieldIndex): Promise<string> {
  if (views.length === 0) return 'No conflicts: nothing waits for a decision.\n'
  const [{ count, paint, table }, { instantText, valueText }, { actorText, overwrittenText }, { pairName }] =
    await Promise.all([
      import('./style.ts'),
      import('./value-text.ts'),
      import('./conflict-view.ts'),
      import('./record-names.ts'),
    ])
  const blocks = views.map((view) => {
    const names = index.namesOf(view.pairing)
    const sides = [
      [
        `  left   ${names.left}`,
        valueText(view.left),
        actorText(view.leftActor, view.leftVia),
        view.leftAt,
        view.leftRecord,
      ],
      [
        `  right  ${names.right}`,
        valueText(view.right),
        actorText(view.rightActor, view.rightVia),
        view.rightAt,
        view.rightRecord,
      ],
    ]
    const rows = sides.map(([side, value, by, at, record]) => [
      side ?? '',
      paint('bold', value ?? ''),
      `by ${by}`,
      at === null || at === undefined ? '' : instantText(at),
      `record ${record ?? 'unknown'}`,
    ])
    const note = overwrittenText(view)
    const who = pairName({ left: view.leftName, right: view.rightName }, names)
    const field = paint('yellow', `${view.object}.${view.field}`)
    const title = `${field}${who === null ? '' : `  ${paint('bold', who)}`}  ${paint('dim', view.id)}`
    return `${title}\n${table(rows)}${note === null ? '' : `\n  ${note}`}`
  })
  const hint = 'Decide with: npx attune resolve <id> --take left|right'
  return `${blocks.join('\n\n')}\n\n${count(views.length, 'conflict')}. ${hint}\n`
}
