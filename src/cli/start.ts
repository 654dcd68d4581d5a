/** `attune start`: brings the CRMs into agreement and keeps them there until stopped. */
import type { Command } from 'commander'
import { SIDES } from '../core/record.ts'
import type { OpenedPairing } from '../stages/pairing.ts'
import { configOrShipped, withCommonOptions, type CommonOptions } from './options.ts'
import { withWorldOptions, type SandboxFlags } from './sandbox.ts'
import type { Beside } from './keep-pairing.ts'
import type { ProgressBoard } from './progress.ts'
import type { SyncSummary } from './run-sync.ts'
import type { Session } from './session.ts'
import { print } from './terminal.ts'

type StartOptions = CommonOptions &
  Pick<SandboxFlags, 'people' | 'overlap' | 'seed' | 'limits'> & { readonly acceptGuards?: boolean }

export function addStart(program: Command): void {
  withWorldOptions(withCommonOptions(program.command('start')))
    .description('bring the CRMs into agreement, then keep them there until stopped')
    .option('--accept-guards', 'go on although a mass-change guard stops the first pass')
    .addHelpText(
      'after',
      `
Without credentials in the environment (ATTIO_TOKEN, HUBSPOT_TOKEN, SALESFORCE_…), the CRMs are a sandbox in this
process (the options above say what it holds) and the database is a temporary one, unless --db names another.

Examples:
  $ npm start                                  the sandbox; nothing to set up
  $ npx attune start --people 1000             a larger one
  $ ATTIO_TOKEN=… HUBSPOT_TOKEN=… npx attune start

With a public URL in the settings it listens for webhooks; \`attune webhooks install\` registers them. On the sandbox it
does both by itself. Changes then travel within seconds.

Beside it, in another terminal: attune status, conflicts, resolve, resume, explain, plan. Health and metrics:
web.operations in the settings, 127.0.0.1:8421 when nothing is said.
Ctrl-C or SIGTERM ends it with exit code 0; work under way is finished or given back.
With --json, every line on stdout is one JSON document: the first pass, then one per round that changed something.`,
    )
    .action(start)
}

async function start(options: StartOptions): Promise<void> {
  const [{ hasCredentials }, { Interrupted }, { withSession }] = await Promise.all([
    import('../config/sandbox.ts'),
    import('./failure.ts'),
    import('./session.ts'),
  ])
  const untilStopped = hasCredentials(process.env)
    ? withSession(options, { access: 'write' }, (session) => run(session, options))
    : onSandbox(options)
  await untilStopped.catch((error: unknown) => {
    if (!(error instanceof Interrupted)) throw error
    if (!options.json) print('Stopped. Everything is written down; the next start goes on from here.\n')
  })
}

async function onSandbox(options: StartOptions): Promise<void> {
  const [{ withSandbox }, { worldOptions }, { withSession }] = await Promise.all([
    import('./local-sandbox.ts'),
    import('./sandbox-world.ts'),
    import('./session.ts'),
  ])
  await withSandbox({ world: worldOptions(options), db: options.db ?? null }, async (local) => {
    // As it is: its lines are there to be pasted.
    if (!options.json) process.stdout.write(`${local.openingText}\n\n`)
    const own = { ...options, config: configOrShipped(options), db: local.db }
    await withSession(own, { access: 'write', environment: local.environment }, (session) =>
      run(session, options),
    )
  })
}

async function run(session: Session, options: StartOptions): Promise<void> {
  const [{ runDaemon }, { progressBoard }, { sparingly }, { timeText }, text] = await Promise.all([
    import('./daemon.ts'),
    import('./progress.ts'),
    import('./sparingly.ts'),
    import('./style.ts'),
    import('./start-text.ts'),
  ])
  const { runtime, settings, log } = session
  const isTime = sparingly(runtime)
  const isOnly = settings.pairings.length === 1
  // Pairings get ready beside each other: one may speak while the bar of another is on the screen.
  const board = progressBoard()
  const say = (document: object, toPeople: () => string) =>
    board.above(() => text.say(options, document, toPeople))
  const complain = (line: string) =>
    board.above(() => print(`${timeText(runtime.now())}  ${line}\n`, process.stderr))
  await runDaemon({
    session,
    guardsAccepted: options.acceptGuards ?? false,
    events: {
      firstPass: (pairing, beside, guardsAccepted) =>
        firstPass(session, { pairing, beside }, { options, guardsAccepted, board, isOnly, say }),
      onOpen: (url) => {
        // The first line for machines is the first pass.
        if (!options.json) board.above(() => print(`Health and metrics: ${url}/metrics\n`))
      },
      onFollowing: ({ pairing: { name } }, heard) => {
        const looks = settings.pairings.find((each) => each.name === name)?.looks
        if (!looks) return
        say({ state: 'following', pairing: name, ...heard }, () =>
          text.followingText(looks, heard, isOnly ? null : name),
        )
      },
      onRound: (pairing, tally, names) =>
        say({ state: 'round', pairing, ...tally }, () => {
          return `${timeText(runtime.now())}  ${text.roundText(tally, names)}\n`
        }),
      onPause: (pairing, state) => {
        if (options.json) say({ ...state, state: 'paused', pairing }, () => '')
        complain(text.pauseText(pairing, state))
      },
      onTrouble: (connection, message, retryInMs) => {
        log.debug({ connection, because: message, retryInMs }, 'trouble that passes by itself')
        if (!isTime(connection)) return
        complain(`${connection}: ${message}; trying again in ${Math.round(retryInMs / 1_000)} s`)
      },
      warn: (line) => board.above(() => print(`warning: ${line}\n`, process.stderr)),
    },
  })
}

/** Connections that pairings which are at work share with this one, and which those are. */
function sharedWith(
  { pairing }: OpenedPairing,
  { all, following }: Beside,
): ReadonlyMap<string, readonly string[]> {
  const working = following()
  const others = all.filter(({ pairing: { name } }) => working.includes(name))
  const own = SIDES.map((side) => pairing.connectors[side].connection)
  return new Map(
    own.map((connection) => {
      const using = others.filter(({ pairing: { connectors } }) =>
        SIDES.some((side) => connectors[side].connection === connection),
      )
      return [connection, using.map((other) => other.pairing.name)]
    }),
  )
}

interface FirstPass {
  readonly options: StartOptions
  readonly guardsAccepted: boolean
  readonly board: ProgressBoard
  readonly isOnly: boolean
  readonly say: (document: object, toPeople: () => string) => void
}

async function firstPass(
  session: Session,
  { pairing, beside }: { readonly pairing: OpenedPairing; readonly beside: Beside },
  { options, guardsAccepted, board, isOnly, say }: FirstPass,
): Promise<SyncSummary> {
  const [{ ownStatus }, { SILENT }, { summaryText }, { runSync, sideNames }] = await Promise.all([
    import('./own-status.ts'),
    import('./progress.ts'),
    import('./render-summary.ts'),
    import('./run-sync.ts'),
  ])
  const progress = options.json ? SILENT : board.bar(isOnly ? '' : pairing.pairing.name)
  try {
    const summary = await runSync(session, [pairing], { progress, guardsAccepted, beside: beside.all })
    progress.done()
    const nowMs = session.runtime.now()
    const status = await ownStatus(session.store, pairing, nowMs)
    const names = sideNames([pairing])
    say(summary, () => summaryText(summary, status, names, sharedWith(pairing, beside)))
    return summary
  } finally {
    progress.done()
  }
}
