/** A simulated world as the judge gets to see it: one case per pairing. */
import type { Api } from '../comparer/api.ts'
import { besideEachOther, reportsAbout, type Case, type Reports } from './audit/case.ts'
import { PAIRING, pairingsOf, START_MS, type CastPairing } from './cast.ts'
import { mappingDocuments } from './mappings.ts'
import type { World } from './world.ts'

/** As `freshMs` of the settings that worlds run under. */
const FRESH_MS = 2_000
/** What one batch may take between its look and its writes. */
const BATCH_MS = 15_000

export function casesOf(world: World, reports: Reports): readonly Case[] {
  return besideEachOther(pairingsOf(world.scenario).map((pairing) => caseOf(world, reports, pairing)))
}

/** Of one pairing, as if it were alone. */
export function caseOf(world: World, reports: Reports, pairing: CastPairing = PAIRING): Case {
  const { scenario, template, witness } = world
  const { name } = pairing
  return {
    pairing,
    beside: [],
    witness,
    documents: mappingDocuments(name, scenario.mappings, scenario.accounts),
    rules: template.mappings(name, scenario.mappings).map(({ rules }) => rules),
    api: (vendor) => directApi(world, vendor),
    reports: reportsAbout(name, reports),
    nowMs: world.kernel.now(),
    seenUntilMs: (vendor, atMs) => seenUntilMs(world, vendor, atMs),
    wasShown: (id, beforeMs) => wasTold(world, beforeMs, (answer) => answer.includes(id)),
    wasListed: (id, beforeMs) =>
      wasTold(world, beforeMs, (answer) => LISTED.some((key) => answer.includes(`"${key}":"${id}"`))),
    guarded: guardedIn(world),
    lookedMs: (vendor, atMs) => lookedMs(world, vendor, atMs),
    wasAnswered: (atMs) => wasAnswered(world, atMs),
  }
}

/**
 * The look may be `freshMs` older than the sending, and a round trip and the lag of a replica older than that. A late
 * request takes effect after others that were sent after it.
 */
function lookedMs(world: World, vendor: string, effectMs: number): number | null {
  const exchanges = [...world.networks.values()].flatMap((network) => network.exchanges)
  const sentMs = exchanges.filter(({ effectMs: at }) => at === effectMs).map((exchange) => exchange.sentMs)
  if (sentMs.length === 0) return null
  const lagMs = Number(world.scenario.settings[vendor]?.['replicaLagMs'] ?? 0)
  return Math.min(...sentMs) - FRESH_MS - world.scenario.latencyMs[1] * 2 - lagMs
}

function seenUntilMs(world: World, vendor: string, atMs: number): number {
  const { settings, pollMs } = world.scenario
  const lag = settings[vendor]?.['searchLagMs']
  const indexMs = Array.isArray(lag) ? Number(lag[1]) : 0
  return (lookedMs(world, vendor, atMs) ?? atMs) - BATCH_MS - indexMs - pollMs
}

/** What vendors call the id of a record in what they say of it. */
const LISTED = ['id', 'Id', 'record_id']

function wasTold(world: World, beforeMs: number, says: (answer: string) => boolean): boolean {
  return [...world.networks.values()].some(({ exchanges }) =>
    exchanges.some(
      ({ answer, sentMs, isUnheard }) => !isUnheard && sentMs < beforeMs && answer !== null && says(answer),
    ),
  )
}

function wasAnswered(world: World, effectMs: number): boolean {
  return [...world.networks.values()].some(({ exchanges }) =>
    exchanges.some((each) => each.effectMs === effectMs && each.status !== null && !each.isUnheard),
  )
}

function guardedIn({ scenario, approvals }: World): Case['guarded'] {
  if (!scenario.guards) return null
  const imports = scenario.steps
    .filter(({ action }) => action.do === 'purge' || action.do === 'bulk')
    .map((step) => ({ ...step, atMs: START_MS + step.atMs }))
  return { limits: scenario.guards, imports, approvals }
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
