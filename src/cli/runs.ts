/** `attune runs`: what was done when, and what has been taken back of it. From the database alone. */
import type { Command } from 'commander'
import type { Side } from '../core/record.ts'
import type { Run } from '../store/writes.ts'
import { numberOption, withCommonOptions, type CommonOptions } from './options.ts'
import { print } from './terminal.ts'

type RunsOptions = CommonOptions & { readonly limit?: string }

/** More than fits on a screen is rarely asked for. */
const LIMIT_DEFAULT = 20

/** The JSON document is a list of these. Times are ISO 8601. */
export interface RunView {
  readonly id: string
  readonly kind: string
  readonly startedAt: string
  /** Null while it lasts, and when it was cut off. */
  readonly endedAt: string | null
  readonly did: Run['did']
  /** Runs that took it back, oldest first. */
  readonly undoneBy: readonly string[]
}

export function addRuns(program: Command): void {
  withCommonOptions(program.command('runs'))
    .description('what was done when: passes, plans carried out, pairings, undos')
    .option('--limit <number>', `how many, the newest first (default: ${LIMIT_DEFAULT})`)
    .addHelpText(
      'after',
      `
Reads the database only: needs no credentials, and works beside a running \`attune start\`. A daemon is one run from
its start to its end. \`attune undo <run>\` takes one back.

Examples:
  $ npx attune runs
  $ npx attune runs --limit 5 --json`,
    )
    .action(runs)
}

async function runs(options: RunsOptions): Promise<void> {
  const range = { min: 1, max: 100_000, whole: true }
  const limit = numberOption('--limit', options.limit, range) ?? LIMIT_DEFAULT
  const [{ runsAbout }, { settingsWithoutTokens, withStore }] = await Promise.all([
    import('../stages/continued-run.ts'),
    import('./open-store.ts'),
  ])
  await withStore(options, async (store) => {
    const views: RunView[] = []
    for (const { id, kind, startedMs, endedMs, did } of await store.runs(limit)) {
      const undoneBy = await runsAbout(store, { kind: 'undo', subject: id })
      const endedAt = endedMs === null ? null : new Date(endedMs).toISOString()
      views.push({ id, kind, startedAt: new Date(startedMs).toISOString(), endedAt, did, undoneBy })
    }
    if (options.json) {
      process.stdout.write(`${JSON.stringify(views)}\n`)
      return
    }
    const { pairings } = settingsWithoutTokens(options)
    print(
      await runsText(views, (mapping, side) => {
        const pairing = pairings.find(({ name }) => mapping.startsWith(`${name}/`))
        // Of a pairing that the settings no longer know.
        return pairing?.[side] ?? `${side} of ${mapping}`
      }),
    )
  })
}

/** What the connection is called that a side of a mapping stands for. */
export type ConnectionOf = (mapping: string, side: Side) => string

export async function runsText(views: readonly RunView[], connectionOf: ConnectionOf): Promise<string> {
  const { durationText, paint, table, timeText } = await import('./style.ts')
  if (views.length === 0) return 'Nothing was done yet.\n'
  const rows = views.map(({ id, kind, startedAt, endedAt, did, undoneBy }) => {
    const [from, to] = [Date.parse(startedAt), endedAt === null ? null : Date.parse(endedAt)]
    const last = undoneBy.at(-1)
    return [
      id,
      kind,
      timeText(from),
      to === null ? paint('yellow', 'not finished') : durationText(to - from),
      deedsText(did, connectionOf),
      last === undefined ? '' : paint('dim', `undone by ${last}`),
    ]
  })
  return `${table(rows)}\n`
}

const DEEDS: readonly (readonly [Run['did'][number]['kind'], string])[] = [
  ['create', 'created in'],
  ['update', 'updated in'],
  ['associate', 'associated in'],
  ['remove', 'removed in'],
  ['link', 'linked'],
  ['unlink', 'separated'],
  ['relink', 'followed to another record'],
  ['apart', 'left apart'],
  ['release', 'no longer apart'],
]

/** `2 created in hubspot, 1 updated in attio, 3 linked`. */
function deedsText(did: Run['did'], connectionOf: ConnectionOf): string {
  const parts = DEEDS.flatMap(([kind, words]) => {
    const own = did.filter((deed) => deed.kind === kind)
    if (!words.endsWith(' in')) {
      const count = own.reduce((sum, deed) => sum + deed.count, 0)
      return count > 0 ? [`${count} ${words}`] : []
    }
    const counts = new Map<string, number>()
    for (const { mapping, side, count } of own) {
      const connection = connectionOf(mapping, side)
      counts.set(connection, (counts.get(connection) ?? 0) + count)
    }
    return [...counts].map(([connection, count]) => `${count} ${words} ${connection}`)
  })
  return parts.length === 0 ? 'nothing' : parts.join(', ')
}
