/** Plays the demo: the first pass, then scene after scene, with a complete pass after each. */
import type { DumpedRecord } from '../sandbox/model.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import type { OpenedPairing } from '../stages/pairing.ts'
import { decide } from './decisions.ts'
import { modelOf, type Cast, type Crm } from './demo-cast.ts'
import type { Scene, Stage } from './demo-scenes.ts'
import { progressBar } from './progress.ts'
import { summaryText } from './render-summary.ts'
import { runSync, sideNames, type SyncSummary } from './run-sync.ts'
import type { Session } from './session.ts'
import { count, durationText, paint } from './style.ts'

export interface Played {
  readonly title: string
  readonly summary: SyncSummary
}

interface Story {
  readonly session: Session
  readonly pairings: readonly OpenedPairing[]
  readonly sandbox: Sandbox
  readonly cast: Cast
  readonly scenes: readonly Scene[]
  readonly say: (text: string) => void
  /** Without progress. */
  readonly isQuiet: boolean
}

const SHOWN_MAX = 1_000_000

export async function runStory(story: Story): Promise<readonly Played[]> {
  const { session, pairings, scenes, say, isQuiet } = story
  const { store, runtime } = session
  const names = sideNames(pairings)
  const played: Played[] = []
  const pass = async (title: string): Promise<SyncSummary> => {
    const progress = progressBar({ quiet: isQuiet })
    try {
      const summary = await runSync(session, pairings, { progress, guardsAccepted: false })
      played.push({ title, summary })
      return summary
    } finally {
      progress.done()
    }
  }

  say(paint('bold', '1. Three CRMs meet for the first time'))
  say(
    'Each was used for a year by different people. Attune pairs what belongs together and fills in the rest: Attio with HubSpot, and Attio with Salesforce.\n',
  )
  say(summaryText(await pass('first pass'), await store.status(runtime.now()), names).trimEnd())

  const stage = stageOf(story)
  for (const [i, scene] of scenes.entries()) {
    say(`\n${paint('bold', `${i + 2}. ${scene.title}`)}`)
    say(await scene.act(stage))
    const summary = await pass(scene.title)
    say(paint('dim', `  one pass: ${passText(summary)}`))
    say(await scene.look(stage))
  }

  say(`\n${paint('bold', `${scenes.length + 2}. The end`)}`)
  say('One more pass, to see that nothing is left to do:\n')
  say(summaryText(await pass('last pass'), await store.status(runtime.now()), names).trimEnd())
  return played
}

function passText({ requests, writes, durationMs }: SyncSummary): string {
  const all = Object.values(requests).reduce((sum, { read, write }) => sum + read + write, 0)
  return `${count(all, 'request')}, ${count(writes, 'write')} among them, ${durationText(durationMs)}`
}

function stageOf({ session, pairings, sandbox, cast }: Story): Stage {
  const { store, runtime } = session
  const recordOf = (vendor: Crm, object: string, id: string): DumpedRecord | undefined =>
    modelOf(sandbox, vendor).dump()[object]?.[id]
  return {
    cast,
    edit(vendor, edit) {
      modelOf(sandbox, vendor).edit(edit)
    },
    async counterpart(record, vendor) {
      const names = pairings.flatMap(({ pairing }) =>
        vendor === 'attio' || pairing.connectors.right.connection === vendor ? [`${pairing.name}/`] : [],
      )
      const links = (await store.findLinks(record)).filter(({ mapping }) =>
        names.some((name) => mapping.startsWith(name)),
      )
      const ids = links.map(({ left, right }) => (vendor === 'attio' ? left : right))
      return ids.find((id) => id !== null && id !== record) ?? 'nothing yet'
    },
    convert: (lead) =>
      modelOf(sandbox, 'salesforce').edit({
        action: 'convert',
        object: 'Lead',
        id: lead,
        values: { opportunityName: null },
      }).id,
    shown: (vendor, object, id, field) => shownText(recordOf(vendor, object, id)?.values[field]),
    state: (vendor, object, id) => recordOf(vendor, object, id)?.state ?? 'gone',
    openConflicts: () => store.conflicts({ state: 'open', limit: SHOWN_MAX }),
    async resolve(id, choice) {
      await decide(store, { id, choice, expect: null }, runtime.now())
    },
    reviewCount: async () => (await store.reviews(SHOWN_MAX)).length,
  }
}

/** A value in the vendor's own words, without the envelope around it. */
function shownText(value: unknown): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map(shownText).join(', ')
  if (value === null || typeof value !== 'object') return '(empty)'
  const text = Object.values(value).find((member) => typeof member === 'string')
  return typeof text === 'string' ? text : '(empty)'
}
