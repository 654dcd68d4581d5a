/** `attune start`: brings both CRMs into agreement and keeps them there until stopped. */
import type { Command } from 'commander'
import type { Engine, Tally } from '../stages/engine.ts'
import type { OpenedPairing } from '../stages/pairing.ts'
import { configOrShipped, withCommonOptions, type CommonOptions } from './options.ts'
import { withWorldOptions, type SandboxFlags } from './sandbox.ts'
import type { Session } from './session.ts'

type StartOptions = CommonOptions &
  Pick<SandboxFlags, 'people' | 'overlap' | 'seed' | 'limits'> & { readonly acceptGuards?: boolean }

export function addStart(program: Command): void {
  withWorldOptions(withCommonOptions(program.command('start')))
    .description('bring both CRMs into agreement, then keep them there until stopped')
    .option('--accept-guards', 'go on although a mass-change guard stops the first pass')
    .addHelpText(
      'after',
      `
Without a token in ATTIO_TOKEN or HUBSPOT_TOKEN, both CRMs are a sandbox in this process (the options above say
what it holds) and the database is a temporary one, unless --db names another.

Examples:
  $ npm start                                  the sandbox; nothing to set up
  $ npx attune start --people 1000             a larger one
  $ ATTIO_TOKEN=… HUBSPOT_TOKEN=… npx attune start

With a public URL in the settings it listens for webhooks; \`attune webhooks install\` registers them. On the sandbox it
does both by itself. Changes then travel within seconds.

Beside it, in another terminal: attune status, conflicts, resolve, explain, plan.
Ctrl-C or SIGTERM ends it with exit code 0; work under way is finished or given back.
With --json, every line on stdout is one JSON document: the first pass, then one per round that changed something.`,
    )
    .action(start)
}

async function start(options: StartOptions): Promise<void> {
  const [{ hasCredentials }, { Interrupted }, { withSession }] = await Promise.all([
    import('../config.ts'),
    import('./failure.ts'),
    import('./session.ts'),
  ])
  const untilStopped = hasCredentials(process.env)
    ? withSession(options, { access: 'write' }, (session) => run(session, options))
    : onSandbox(options)
  await untilStopped.catch((error: unknown) => {
    if (!(error instanceof Interrupted)) throw error
    if (!options.json)
      process.stdout.write('Stopped. Everything is written down; the next start goes on from here.\n')
  })
}

async function onSandbox(options: StartOptions): Promise<void> {
  const [{ withSandbox }, { worldOptions }, { withSession }] = await Promise.all([
    import('./local-sandbox.ts'),
    import('./sandbox-world.ts'),
    import('./session.ts'),
  ])
  await withSandbox({ world: worldOptions(options), db: options.db ?? null }, async (local) => {
    if (!options.json) process.stdout.write(`${local.openingText}\n\n`)
    const own = { ...options, config: configOrShipped(options), db: local.db }
    await withSession(own, { access: 'write', environment: local.environment }, (session) =>
      run(session, options),
    )
  })
}

async function run(session: Session, options: StartOptions): Promise<void> {
  const [{ createEngine }, { openListener }] = await Promise.all([
    import('../compose.ts'),
    import('./listener.ts'),
  ])
  const { store, runtime, signal } = session
  const warn = (text: string) => process.stderr.write(`warning: ${text}\n`)
  const pairings = await session.openPairings()
  const runId = runtime.id()
  const engines = pairings.map(({ pairing }) =>
    createEngine({ app: session, store, pairing, run: runId, signal, guardsAccepted: false }),
  )
  // From the start: what changes during the first pass is heard of, and not found minutes later.
  const listener = await openListener({ session, pairings, engines, warn })
  // The door closes first; whatever is under way behind it then ends by itself.
  const onStop = () => {
    // What it fails with is told by the close below, which waits for this one.
    listener?.close().catch(() => undefined)
  }
  signal.addEventListener('abort', onStop, { once: true })
  try {
    await firstPass(session, pairings, options)
    await keepInAgreement(session, engines, { options, runId, heard: listener?.connections ?? [] })
  } finally {
    signal.removeEventListener('abort', onStop)
    await listener?.close()
  }
}

async function firstPass(
  session: Session,
  pairings: readonly OpenedPairing[],
  options: StartOptions,
): Promise<void> {
  const [{ progressBar }, { summaryText }, { runSync, sideNames }] = await Promise.all([
    import('./progress.ts'),
    import('./render-summary.ts'),
    import('./run-sync.ts'),
  ])
  const progress = progressBar({ quiet: options.json ?? false })
  const guardsAccepted = options.acceptGuards ?? false
  try {
    const summary = await runSync(session, pairings, { progress, guardsAccepted })
    progress.done()
    const status = await session.store.status(session.runtime.now())
    say(options, summary, () => summaryText(summary, status, sideNames(pairings)))
  } finally {
    progress.done()
  }
}

async function keepInAgreement(
  session: Session,
  engines: readonly Engine[],
  how: { readonly options: StartOptions; readonly runId: string; readonly heard: readonly string[] },
): Promise<void> {
  const { options, runId, heard } = how
  const [{ follow }, { sideNames }, { timeText }] = await Promise.all([
    import('../stages/follow.ts'),
    import('./run-sync.ts'),
    import('./style.ts'),
  ])
  const { store, runtime, settings } = session
  const { pollMs, sweepMs } = settings
  const names = sideNames(engines)
  say(options, { state: 'following', webhooks: heard }, () => {
    const [poll, sweep] = [pollMs, sweepMs].map((ms) => ms / 1_000)
    const told =
      heard.length > 0
        ? `\n${heard.join(' and ')} ${heard.length === 1 ? 'tells' : 'tell'} of changes at once.`
        : ''
    return `\nKeeping both in agreement: changes are looked for every ${poll} s, everything is compared every ${sweep} s.${told}\nStop with Ctrl-C.\n`
  })
  await store.startRun({ id: runId, kind: 'start', pairing: null, atMs: runtime.now() })
  try {
    await Promise.all(
      engines.map((engine) =>
        follow(engine, {
          pollMs,
          sweepMs,
          onRound: (tally) =>
            say(options, { state: 'round', pairing: engine.pairing.name, ...tally }, () => {
              return `${timeText(runtime.now())}  ${roundText(tally, names)}\n`
            }),
          onTrouble: (error, retryInMs) =>
            process.stderr.write(
              `${timeText(runtime.now())}  ${error.connection}: ${error.message}; trying again in ${Math.round(retryInMs / 1_000)} s\n`,
            ),
        }),
      ),
    )
  } finally {
    await store.endRun({ id: runId, atMs: runtime.now(), summary: null })
  }
}

function say(options: StartOptions, document: object, text: () => string): void {
  process.stdout.write(options.json ? `${JSON.stringify(document)}\n` : text())
}

/** `2 updated in hubspot, 1 conflict`. */
export function roundText(tally: Tally, names: { readonly left: string; readonly right: string }): string {
  const parts = (['created', 'updated', 'deleted'] as const).flatMap((kind) =>
    (['left', 'right'] as const).flatMap((side) =>
      tally[kind][side] > 0 ? [`${tally[kind][side]} ${kind} in ${names[side]}`] : [],
    ),
  )
  if (tally.linked > 0) parts.push(`${tally.linked} linked`)
  if (tally.conflictsOpened > 0) {
    parts.push(
      `${tally.conflictsOpened} ${tally.conflictsOpened === 1 ? 'conflict' : 'conflicts'} (attune conflicts)`,
    )
  }
  return parts.join(', ')
}
