/** What `attune start` says, to people or, with `--json`, one document per line to machines. */
import { SIDES } from '../core/record.ts'
import type { Looks } from '../schedule.ts'
import type { Tally } from '../stages/engine.ts'
import type { PairingState } from '../stages/supervise.ts'
import type { Heard } from './heard.ts'
import type { CommonOptions } from './options.ts'
import { print } from './terminal.ts'

export function say(options: Pick<CommonOptions, 'json'>, document: object, text: () => string): void {
  if (options.json) process.stdout.write(`${JSON.stringify(document)}\n`)
  else print(text())
}

/** Of one pairing, when it begins to follow; named where there are several. */
export function followingText(looks: Looks, { webhooks, lines }: Heard, name: string | null): string {
  const { poll, listing, sweep } = looks
  const told =
    (webhooks.length > 0
      ? `\n${webhooks.join(' and ')} ${webhooks.length === 1 ? 'tells' : 'tell'} of changes at once.`
      : '') + (lines.length > 0 ? `\n${lines.join(' and ')}: listening for changes.` : '')
  const which = name === null ? 'both' : `both of ${name}`
  return `
Keeping ${which} in agreement. Feeds are asked for changes: ${poll.text}; sides without one are listed: ${listing.text};
everything is compared: ${sweep.text}.${told}
Stop with Ctrl-C.
`
}

export function pauseText(name: string, state: PairingState): string {
  if (state.kind !== 'paused') return ''
  const hint = state.hint ? `\n  → ${state.hint}` : ''
  return `${name} is paused: ${state.message}${hint}`
}

/** `2 updated in right, 1 conflict`. */
export function roundText(tally: Tally, names: { readonly left: string; readonly right: string }): string {
  const parts = (['created', 'updated', 'deleted'] as const).flatMap((kind) =>
    SIDES.flatMap((side) =>
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
