/** A scenario and what came of it, for people. */
import type { Exchange } from './network.ts'
import type { Scenario } from './scenario.ts'

export function scenarioText(scenario: Scenario): string {
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
export function exchangesText(exchanges: readonly Exchange[], startMs: number, all: boolean): string {
  return exchanges
    .filter(({ mutating, request }) => mutating || (all && concernsOne(request.url, request.body)))
    .toSorted((a, b) => a.sentMs - b.sentMs)
    .map(({ vendor, request, sentMs, status, fault }) => {
      const path = request.url.replace(/^https?:\/\/[^/]+/, '')
      const body = request.body === null ? '' : ` ${shorten(request.body)}`
      return `+${((sentMs - startMs) / 1_000).toFixed(2)} s  ${vendor} ${request.method} ${path}${body} → ${status ?? 'no answer'}${fault === null ? '' : ` (${fault})`}`
    })
    .join('\n')
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
