/** A scenario and what came of it, for people. */
import { START_MS } from './cast.ts'
import type { Exchange } from './network.ts'
import type { Outcome } from './run.ts'
import type { Scenario } from './scenario.ts'

/** Lines of requests that a person would read. */
const REQUESTS_MAX = 80

/** The whole story: what people and weather did, which promises were broken, what the engine asked for. */
export function storyText(scenario: Scenario, outcome: Outcome, reads: boolean): string {
  const requests = exchangesText(outcome.exchanges, reads)
  const told = requests.slice(0, REQUESTS_MAX)
  if (told.length < requests.length) told.push(`… and ${requests.length - told.length} more`)
  const broken = outcome.violations.map(({ invariant, what }) => `broken     ${invariant}: ${what}`)
  const verdict = broken.length > 0 ? broken : ['broken     nothing']
  return [scenarioText(scenario), '', ...verdict, '', ...told].join('\n')
}

function scenarioText(scenario: Scenario): string {
  const { steps, weather, deaths, ...rest } = scenario
  return [
    `world      ${JSON.stringify(rest)}`,
    ...weather.map((each) => `weather    ${JSON.stringify(each)}`),
    ...deaths.map((each) => `death      ${JSON.stringify(each)}`),
    ...steps.map(
      ({ atMs, vendor, action }) => `+${(atMs / 1_000).toFixed(1)} s  ${vendor}: ${JSON.stringify(action)}`,
    ),
  ].join('\n')
}

/** One line a request; `all` shows reads too. */
function exchangesText(exchanges: readonly Exchange[], all: boolean): string[] {
  return exchanges
    .filter(({ mutating, request }) => mutating || (all && concernsOne(request.url, request.body)))
    .toSorted((a, b) => a.sentMs - b.sentMs)
    .map(({ vendor, request, sentMs, status, fault }) => {
      const path = request.url.replace(/^https?:\/\/[^/]+/, '')
      const body = request.body === null ? '' : ` ${shorten(request.body)}`
      return `+${((sentMs - START_MS) / 1_000).toFixed(2)} s  ${vendor} ${request.method} ${path}${body} → ${status ?? 'no answer'}${fault === null ? '' : ` (${fault})`}`
    })
}

/** Not a listing, a search or a schema: somebody asked for certain records. */
function concernsOne(url: string, body: string | null): boolean {
  if (/batch\/read/.test(url) || /\/records\/[0-9a-f-]{36}/.test(url)) return true
  return /records\/query/.test(url) && (body ?? '').includes('filter')
}

/** What a write carries, without envelopes. */
function shorten(body: string): string {
  const text = body
    .replaceAll(/"objectWriteTraceId":"[^"]*",?/g, '')
    .replaceAll(/"properties":\[[^\]]*\],?/g, '')
    .replaceAll('"propertiesWithHistory":[],', '')
    .replaceAll(/"sorts":\[[^\]]*\],?/g, '')
  return text.length > 260 ? `${text.slice(0, 260)}…` : text
}
