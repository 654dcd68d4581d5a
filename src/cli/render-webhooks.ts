/** What is registered at the vendors, and what was changed about it, for people. */
import type { WebhookSubscription } from '../connectors/bells.ts'
import { count, paint } from './style.ts'

interface About {
  readonly connection: string
  readonly target: string
}

/** One connection in the JSON document of `attune webhooks install` and `remove`. Never holds a secret. */
export interface Change extends About {
  /** `skipped`: the settings name no variable for its secret. */
  readonly state: 'done' | 'by-hand' | 'skipped'
  readonly created?: readonly string[]
  readonly removed?: readonly string[]
  readonly kept?: readonly string[]
  readonly steps?: readonly string[]
  readonly secret?: {
    readonly variable: string
    /** `missing`: nobody has set the variable, and the vendor does not tell it now. */
    readonly state: 'written' | 'known' | 'missing'
    readonly file: string | null
  }
}

/** One connection in the JSON document of `attune webhooks list`. */
export interface Listed extends About {
  readonly state: 'known' | 'by-hand'
  readonly subscriptions?: readonly WebhookSubscription[]
  readonly trouble?: string | null
  readonly steps?: readonly string[]
}

export function changesText(changes: readonly Change[], done: 'installed' | 'removed'): string {
  return blocks(changes, (change) => {
    switch (change.state) {
      case 'skipped':
        return ['left alone: the settings name no webhook-secret-env for this connection']
      case 'by-hand':
        return [...byHand(change.steps ?? []), ...secretLines(change)]
      case 'done': {
        const { created = [], removed = [], kept = [] } = change
        const isQuiet = created.length + removed.length === 0
        return [
          ...named(paint('green', 'created'), created),
          ...named(paint('yellow', 'removed'), removed),
          ...(kept.length > 0 ? [`${count(kept.length, 'subscription')} kept as they are`] : []),
          ...(isQuiet && done === 'removed' ? ['nothing was registered here'] : []),
          ...secretLines(change),
        ]
      }
    }
  })
}

export function listedText(listed: readonly Listed[]): string {
  return blocks(listed, ({ subscriptions = [], steps = [], trouble = null, state }) => {
    if (state === 'by-hand') return byHand(steps)
    const of = (wanted: WebhookSubscription['state']) =>
      subscriptions.filter((each) => each.state === wanted).map(({ name }) => name)
    return [
      ...(trouble === null ? [] : [paint('red', trouble)]),
      ...named(paint('green', 'present'), of('present')),
      ...named(paint('red', 'missing'), of('missing')),
      ...named(paint('red', 'paused'), of('paused')),
      ...named(paint('yellow', 'unneeded'), of('unneeded')),
    ]
  })
}

function blocks<T extends About>(all: readonly T[], linesOf: (each: T) => readonly string[]): string {
  return `${all
    .map((each) => {
      const lines = linesOf(each).map((line) => `  ${line}\n`)
      return `${paint('bold', each.connection)}  ${each.target}\n${lines.join('')}`
    })
    .join('\n')}`
}

function byHand(steps: readonly string[]): readonly string[] {
  return ['This vendor wants a person to set it up:', ...steps.map((step, i) => `${i + 1}. ${step}`)]
}

/** Names that differ in their last word only, on one line. */
function named(word: string, names: readonly string[]): readonly string[] {
  const groups = Map.groupBy(names.toSorted(), (name) => name.slice(0, name.lastIndexOf(' ') + 1))
  return [...groups].map(([start, all]) => {
    const rest = all.map((name) => name.slice(start.length))
    return `${word}  ${start}${rest.join(', ')}`
  })
}

function secretLines({ secret }: Change): readonly string[] {
  switch (secret?.state) {
    case 'written':
      return [`The new secret is in ${secret.file}, as ${secret.variable}: load it and start again.`]
    case 'missing':
      return [`${secret.variable} is not set yet: until it is, its webhooks are not listened to.`]
    case 'known':
    case undefined:
      return []
  }
}
