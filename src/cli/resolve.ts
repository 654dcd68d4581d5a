/** `attune resolve`: a person's decision on conflicts, one by one or from a filled-in spreadsheet. */
import type { Command } from 'commander'
import { ConfigError } from '../errors.ts'
import type { Store } from '../store/store.ts'
import type { Decision, DecisionOutcome } from './decisions.ts'
import { withCommonOptions, type CommonOptions } from './options.ts'
import { print } from './terminal.ts'

type ResolveOptions = CommonOptions & {
  readonly take?: string
  readonly from?: string
  readonly now?: boolean
}

export function addResolve(program: Command): void {
  withCommonOptions(program.command('resolve'))
    .description('decide conflicts: the chosen value is written to the other side')
    .argument('[id]', 'id of the conflict, as `attune conflicts` shows it')
    .option('--take <side>', 'left or right: the value that wins')
    .option(
      '--from <file>',
      'take the decisions from a spreadsheet written by `attune conflicts --report x.csv`',
    )
    .option('--now', 'write them at once with a pass, instead of leaving it to the next one')
    .addHelpText(
      'after',
      `
A decision only counts while the conflict still stands on the values that were looked at: whatever changed since
is listed and left alone. Needs no credentials, and works beside a running \`attune start\`, which writes the
choice within a second; with --now this command does that itself.

Examples:
  $ npx attune resolve 0b9f… --take left
  $ npx attune resolve --from conflicts.csv --now

Exit code 0 when every decision was taken, 1 when one was refused.`,
    )
    .action(resolve)
}

async function resolve(id: string | undefined, options: ResolveOptions): Promise<void> {
  const decisions = await decisionsOf(id, options)
  const { EXIT } = await import('./failure.ts')
  const outcomes = await (options.now ? decideAndPass(options, decisions) : decideOnly(options, decisions))
  const refused = outcomes.filter(({ outcome }) => outcome !== 'decided')
  if (options.json) {
    const rows = outcomes.map(({ id: conflict, choice, outcome, because }) => ({
      id: conflict,
      choice,
      outcome,
      because,
    }))
    const decided = outcomes.length - refused.length
    process.stdout.write(`${JSON.stringify({ decided, refused: refused.length, decisions: rows })}\n`)
  } else {
    const next = options.now ? ' and written' : '; the next pass writes it'
    for (const { id: conflict, choice, outcome, because } of outcomes) {
      const text = outcome === 'decided' ? `${choice} was chosen${next}` : `refused: ${because}`
      print(`${conflict}  ${text}\n`)
    }
    if (outcomes.length === 0) print('No row has a decision.\n')
  }
  process.exitCode = refused.length === 0 ? EXIT.ok : EXIT.failed
}

async function decisionsOf(id: string | undefined, options: ResolveOptions): Promise<readonly Decision[]> {
  if (options.from !== undefined) {
    if (id !== undefined || options.take !== undefined) {
      throw new ConfigError('either one conflict or a file, not both', {
        hint: 'leave out --from, or the id',
      })
    }
    const [{ readText }, { readDecisions }] = await Promise.all([
      import('../config.ts'),
      import('./conflict-csv.ts'),
    ])
    return readDecisions(readText(options.from), options.from).map(
      ({ id: conflict, choice, left, right }) => ({
        id: conflict,
        choice,
        expect: { left, right },
      }),
    )
  }
  if (id === undefined) {
    throw new ConfigError('which conflict?', {
      hint: 'name its id, or a file with --from; `attune conflicts` lists them',
    })
  }
  if (options.take !== 'left' && options.take !== 'right') {
    throw new ConfigError('which side wins?', { hint: 'say --take left or --take right' })
  }
  return [{ id, choice: options.take, expect: null }]
}

async function decideAll(store: Store, decisions: readonly Decision[]): Promise<readonly DecisionOutcome[]> {
  const { decide } = await import('./decisions.ts')
  const outcomes: DecisionOutcome[] = []
  for (const decision of decisions) outcomes.push(await decide(store, decision, Date.now()))
  return outcomes
}

async function decideOnly(
  options: ResolveOptions,
  decisions: readonly Decision[],
): Promise<readonly DecisionOutcome[]> {
  const { withStore } = await import('./open-store.ts')
  return withStore(options, (store) => decideAll(store, decisions))
}

async function decideAndPass(
  options: ResolveOptions,
  decisions: readonly Decision[],
): Promise<readonly DecisionOutcome[]> {
  const [{ progressBar }, { runSync }, { withSession }] = await Promise.all([
    import('./progress.ts'),
    import('./run-sync.ts'),
    import('./session.ts'),
  ])
  return withSession(options, { access: 'write' }, async (session) => {
    const outcomes = await decideAll(session.store, decisions)
    const progress = progressBar({ quiet: options.json ?? false })
    try {
      await runSync(session, await session.openPairings(), { progress, guardsAccepted: false })
    } finally {
      progress.done()
    }
    return outcomes
  })
}
