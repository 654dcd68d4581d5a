/** `attune status`: how things stand, from the database alone. */
import type { Command } from 'commander'
import type { Alert, AlertKind } from '../stages/alerts.ts'
import type { Drift } from '../stages/drift.ts'
import type { Pause } from '../stages/supervise.ts'
import type { StatusCounts } from '../store/operate.ts'
import type { RecordRef } from '../store/records.ts'
import type { Store } from '../store/store.ts'
import type { Quarantine, Review } from '../store/waiting.ts'
import { withCommonOptions, type CommonOptions } from './options.ts'
import type { NameOf } from './record-names.ts'
import { print } from './terminal.ts'

type Paused = Pick<Pause, 'sinceMs' | 'why' | 'message' | 'hint'> & { readonly pairing: string }

/** How many of each kind of waiting record the text shows. */
const SHOWN_MAX = 10

export function addStatus(program: Command): void {
  withCommonOptions(program.command('status'))
    .description('how things stand: pairs, what is waiting and for whom')
    .addHelpText(
      'after',
      `
Reads the database only: needs no credentials, and works beside a running \`attune start\`.

Examples:
  $ npx attune status
  $ npx attune status --json        { begun, links, dirty, resting, openIntents, openConflicts, review, quarantined, waiting, lagMs, paused, drift, alerts }

Exit code 0, whatever waits. Before the first pass there is no database: every figure is 0 then, and \`begun\` is false.`,
    )
    .action(status)
}

async function status(options: CommonOptions): Promise<void> {
  const { missingDatabase, withStore } = await import('./open-store.ts')
  const missing = missingDatabase(options)
  if (missing !== null) {
    tellNothing(options, missing)
    return
  }
  await withStore(options, async (store) => {
    const counts = await store.status(Date.now())
    const paused = await pausesOf(store)
    const drift = await driftsOf(store)
    const alerts = await openAlerts(store)
    if (options.json) {
      process.stdout.write(`${JSON.stringify({ begun: true, ...counts, paused, drift, alerts })}\n`)
      return
    }
    const [reviews, quarantined] = [await store.reviews(SHOWN_MAX), await store.quarantined(SHOWN_MAX)]
    const nameOf = await namesAmong(store, options, reviews, quarantined)
    print(await statusText(counts, reviews, quarantined, nameOf))
    print(await driftText(drift))
    print(await pausedText(paused))
    print(await alertsText(alerts))
  })
}

/** Before the first pass there is nothing, which is an answer and no mistake. No database is made for it. */
function tellNothing({ json }: CommonOptions, file: string): void {
  if (json) {
    const lists = { paused: [], drift: [], alerts: [] }
    process.stdout.write(`${JSON.stringify({ begun: false, ...NOTHING, ...lists })}\n`)
    return
  }
  print(`Nothing was synchronised here yet: there is no database ${file}.\n`)
  print('  → run `attune sync` or `attune start` first, or name the database with --db\n')
}

const NOTHING: StatusCounts = {
  links: 0,
  dirty: 0,
  resting: 0,
  openIntents: 0,
  openConflicts: 0,
  review: 0,
  quarantined: 0,
  waiting: 0,
  lagMs: 0,
}

async function namesAmong(
  store: Store,
  options: CommonOptions,
  reviews: readonly Review[],
  quarantined: readonly Quarantine[],
): Promise<NameOf> {
  if (reviews.length + quarantined.length === 0) return () => null
  const [{ fieldIndex }, { recordNames }, { settingsWithoutTokens }] = await Promise.all([
    import('./field-index.ts'),
    import('./record-names.ts'),
    import('./open-store.ts'),
  ])
  const names = await recordNames(store, fieldIndex(settingsWithoutTokens(options)), {
    links: quarantined.flatMap(({ link }) => link ?? []),
    records: [
      ...reviews.flatMap(({ mapping, record, candidates }) =>
        [record, ...candidates].map((ref) => ({ mapping, ...ref })),
      ),
      ...quarantined.map(({ mapping, record }) => ({ mapping, ...record })),
    ],
  })
  return names.of
}

/** As the daemon left them. */
async function openAlerts(store: Store): Promise<readonly Alert[]> {
  const { rememberedAlerts } = await import('../stages/alerts.ts')
  return rememberedAlerts(store)
}

async function pausesOf(store: Store): Promise<readonly Paused[]> {
  const { pairingStates } = await import('../stages/resumption.ts')
  return [...(await pairingStates(store))].flatMap(([pairing, state]) => {
    if (state.kind !== 'paused') return []
    const { sinceMs, why, message, hint } = state
    return [{ pairing, sinceMs, why, message, hint }]
  })
}

type Drifted = Drift & { readonly pairing: string }

async function driftsOf(store: Store): Promise<readonly Drifted[]> {
  const [{ lastDrift }, { pairingStates }] = await Promise.all([
    import('../stages/drift.ts'),
    import('../stages/resumption.ts'),
  ])
  const drifts: Drifted[] = []
  for (const pairing of (await pairingStates(store)).keys()) {
    const drift = await lastDrift(store, pairing, Date.now())
    if (drift) drifts.push({ pairing, ...drift })
  }
  return drifts
}

async function driftText(drifts: readonly Drifted[]): Promise<string> {
  const { paint } = await import('./style.ts')
  return drifts
    .map(({ pairing, unexplained, known, coverage, examples }) => {
      const share = `${Math.floor(100 * coverage)} % of the pairs compared`
      const title = `\n${pairing}: ${unexplained} differences without an explanation`
      const line = `${unexplained > 0 ? paint('bold', title) : title}, ${known} left so on purpose, ${share}\n`
      const rows = examples.map(
        ({ mapping, link, field }) => `  ${mapping}  ${field ?? 'a record is missing'}  ${link}\n`,
      )
      return line + rows.join('')
    })
    .join('')
}

/** A pause is told as such, and drift above. */
const TOLD_ABOVE: readonly AlertKind[] = ['token-dead', 'guard-tripped', 'pairing-failed', 'drift-rising']

async function alertsText(alerts: readonly Alert[]): Promise<string> {
  const { paint, timeText } = await import('./style.ts')
  return alerts
    .filter(({ kind }) => !TOLD_ABOVE.includes(kind))
    .map(({ kind, subject, message, hint, atMs }) => {
      const title = paint('bold', `${kind} (${subject}) since ${timeText(atMs)}`)
      return `\n${title}: ${message}\n  → ${hint}\n`
    })
    .join('')
}

async function pausedText(paused: readonly Paused[]): Promise<string> {
  const { paint, timeText } = await import('./style.ts')
  return paused
    .map(({ pairing, sinceMs, message, hint }) => {
      const title = paint('bold', `${pairing} is paused since ${timeText(sinceMs)}`)
      return `\n${title}: ${message}\n  → ${hint}\n`
    })
    .join('')
}

export async function statusText(
  counts: StatusCounts,
  reviews: readonly Review[],
  quarantined: readonly Quarantine[],
  nameOf: NameOf,
): Promise<string> {
  const called = (mapping: string, ref: RecordRef): string => {
    const name = nameOf({ mapping, ...ref })
    return `${ref.side} ${ref.id}${name === null ? '' : ` (${name})`}`
  }
  const { durationText, grouped, paint, table } = await import('./style.ts')
  const { dirty, resting, lagMs } = counts
  const age = dirty === resting ? 'announced a moment ago' : `the oldest since ${durationText(lagMs)}`
  const rows = [
    [counts.links, 'pairs', 'of records are kept equal'],
    [dirty, 'to look at', dirty > 0 ? age : ''],
    [counts.openIntents, 'unsettled writes', counts.openIntents > 0 ? 'looked up by the next pass' : ''],
    [counts.openConflicts, 'conflicts', counts.openConflicts > 0 ? 'attune conflicts' : ''],
    [counts.review, 'in review', counts.review > 0 ? 'attune pair' : ''],
    [counts.quarantined, 'quarantined', counts.quarantined > 0 ? 'tried again by themselves, see below' : ''],
    [counts.waiting, 'waiting', counts.waiting > 0 ? 'for a record they point at' : ''],
  ] as const
  const figures = table(
    rows.map(([number, what, note]) => [grouped(number), what, paint('dim', note)]),
    [0],
  )
  const blocks = [figures]
  if (reviews.length > 0) {
    const lines = reviews.map(({ mapping, record, because, candidates }) => {
      const others = candidates.map((ref) => called(mapping, ref)).join(', ')
      return [`  ${mapping}`, called(mapping, record), because, others && `candidates: ${others}`]
    })
    blocks.push(`${paint('bold', shown('In review', counts.review, reviews.length))}\n${table(lines)}`)
  }
  if (quarantined.length > 0) {
    const lines = quarantined.map(({ mapping, record, reason, fields }) => {
      return [`  ${mapping}`, called(mapping, record), fields.join(', '), reason]
    })
    blocks.push(
      `${paint('bold', shown('Quarantined', counts.quarantined, quarantined.length))}\n${table(lines)}`,
    )
  }
  return `${blocks.join('\n\n')}\n`
}

function shown(title: string, all: number, some: number): string {
  return all > some ? `${title}, the newest ${some} of ${all}` : title
}
