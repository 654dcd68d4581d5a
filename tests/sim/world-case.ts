/** A simulated world as the judge gets to see it: one case per pairing. */
import type { Api } from '../comparer/api.ts'
import type { Case, Reports } from './audit/case.ts'
import { pairingsOf, type CastPairing } from './cast.ts'
import { mappingDocuments } from './mappings.ts'
import type { World } from './world.ts'

/** As `freshMs` of the settings that worlds run under. */
const FRESH_MS = 2_000
const UNSEEN_MS = 60_000

export function casesOf(world: World, reports: Reports): readonly Case[] {
  return pairingsOf(world.scenario).map((pairing) => caseOf(world, pairing, reports))
}

function caseOf(world: World, pairing: CastPairing, reports: Reports): Case {
  const { scenario, template, witness } = world
  const { name } = pairing
  return {
    pairing,
    witness,
    documents: mappingDocuments(name, scenario.mappings),
    rules: template.mappings(name, scenario.mappings).map(({ rules }) => rules),
    api: (vendor) => directApi(world, vendor),
    reports: reportsOf(name, reports),
    nowMs: world.kernel.now(),
    unseenMs: UNSEEN_MS,
    lookedMs: (vendor, atMs) => lookedMs(world, vendor, atMs),
  }
}

/** What was said of one pairing: mappings carry its name. */
function reportsOf(pairing: string, { conflicts, reviews, quarantined }: Reports): Reports {
  const isOwn = ({ mapping }: { readonly mapping: string }) => mapping.startsWith(`${pairing}/`)
  return {
    conflicts: conflicts.filter(isOwn),
    reviews: reviews.filter(isOwn),
    quarantined: quarantined.filter(isOwn),
  }
}

/**
 * The look may be `freshMs` older than the sending, and the sending a round trip, a pause of the budget, or a late
 * arrival older than the effect.
 */
function lookedMs(world: World, vendor: string, atMs: number): number | null {
  const exchanges = world.networks.get(vendor)?.exchanges ?? []
  const cause = exchanges.findLast(({ mutating, handledMs, sentMs }) => {
    const tookEffectMs = Math.max(handledMs ?? Number.POSITIVE_INFINITY, sentMs)
    return mutating && sentMs <= atMs && tookEffectMs <= atMs
  })
  if (!cause) return null
  const lagMs = Number(world.scenario.settings[vendor]?.['replicaLagMs'] ?? 0)
  return cause.sentMs - FRESH_MS - world.scenario.latencyMs[1] * 2 - lagMs
}

/** Straight into the model, past weather and limits. */
function directApi(world: World, vendor: string): Api {
  const model = world.models.get(vendor)
  if (!model) throw new Error(`there is no ${vendor}`)
  const ask = async (method: string, path: string, body: unknown): Promise<unknown> => {
    const answer = model.handle({
      method,
      url: `http://${vendor}.invalid${path}`,
      headers: { authorization: `Bearer ${model.token}`, 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    })
    if (answer.status > 299) throw new Error(`${method} ${path} answered ${answer.status}: ${answer.body}`)
    return JSON.parse(answer.body) as unknown
  }
  return { get: (path) => ask('GET', path, undefined), post: (path, body) => ask('POST', path, body) }
}
