/** `attune resume`: a person's word that a paused pairing may go on. */
import type { Command } from 'commander'
import { ConfigError } from '../errors.ts'
import type { Store } from '../store/store.ts'
import { withCommonOptions, type CommonOptions } from './options.ts'
import { print } from './terminal.ts'

type ResumeOptions = CommonOptions & { readonly acceptGuards?: boolean }

export function addResume(program: Command): void {
  withCommonOptions(program.command('resume'))
    .description('let a paused pairing of a running `attune start` go on')
    .argument('[pairing]', 'its name in the settings; all that are paused when left out')
    .option('--accept-guards', 'what a guard stopped is right: carry it out')
    .addHelpText(
      'after',
      `
A guard pauses a pairing when a lot would be deleted or overwritten at once. Look at the CRM first. If that is what you
want, go on with --accept-guards, which holds for one complete pass; if it was put right there, go on without, and
everything is counted again. A pairing whose credential died, or whose work failed, goes on by itself; this makes
it try at once.

Needs no credentials, and works beside the running \`attune start\`, which goes on within a second.

Examples:
  $ npx attune status
  $ npx attune resume my-pairing --accept-guards

Exit code 0 when there was something to resume, 1 when nothing is paused.`,
    )
    .action(resume)
}

async function resume(pairing: string | undefined, options: ResumeOptions): Promise<void> {
  const [{ withStore }, { EXIT }] = await Promise.all([import('./open-store.ts'), import('./failure.ts')])
  const acceptGuards = options.acceptGuards ?? false
  const resumed = await withStore(options, (store) => resumePaused(store, pairing, acceptGuards))
  if (options.json) process.stdout.write(`${JSON.stringify({ resumed, acceptGuards })}\n`)
  else if (resumed.length > 0) print(`${resumed.join(', ')}: goes on within a second.\n`)
  else print('Nothing is paused.\n')
  if (resumed.length === 0) process.exitCode = EXIT.failed
}

async function resumePaused(
  store: Store,
  pairing: string | undefined,
  acceptGuards: boolean,
): Promise<readonly string[]> {
  const { askToResume, pairingStates } = await import('../stages/resumption.ts')
  const states = await pairingStates(store)
  if (pairing !== undefined && !states.has(pairing)) {
    throw new ConfigError(`\`attune start\` knows no pairing \`${pairing}\``, {
      hint: states.size > 0 ? `one of: ${[...states.keys()].join(', ')}` : 'it has not run on this database',
    })
  }
  const paused: string[] = []
  for (const [name, state] of states) {
    if (state.kind !== 'paused' || (pairing !== undefined && name !== pairing)) continue
    // Later than the pause, whatever the clocks did in between.
    await askToResume(store, name, { acceptGuards, atMs: Math.max(Date.now(), state.sinceMs + 1) })
    paused.push(name)
  }
  return paused
}
