/**
 * A strict Attio in memory: REST API v2 for objects, lists, their attributes and records, notes, tasks, comments
 * and webhooks, with the limits, the coercions and the afterthoughts of the real one. Where nobody knows what the
 * vendor does, it does the meaner thing; `settings.ts` lists every such choice.
 */
import type { HttpRequest, HttpResponse } from '../../connectors/transport.ts'
import { remembered } from '../../remembered.ts'
import type { ModelOptions, Refusal, VendorModel } from '../model.ts'
import { answerSelf, isAccepted, tokenOf } from './account-routes.ts'
import type { Answer } from './call.ts'
import { nextUuid } from './chance.ts'
import { runChores } from './chores.ts'
import { dumpWorkspace } from './dump.ts'
import { AttioFault, notFound, unauthorized, invalid } from './fault.ts'
import { foundWorkspace } from './found-workspace.ts'
import { editAsHuman } from './human-edit.ts'
import { stamp } from './instants.ts'
import { countRequest, countScore, newUsage, rateLimited } from './rate-limit.ts'
import { matchRoute } from './routes.ts'
import type { Match } from './routes.ts'
import { requireLevel, requireScopes } from './scopes.ts'
import { defaultSettings } from './settings.ts'
import { settingsSchema } from './settings-schema.ts'
import type { AttioSettings } from './settings.ts'
import { loadSnapshot, takeSnapshot } from './snapshot.ts'
import { nextDueMs, settleDelivery, takeDeliveries } from './webhook-queue.ts'
import type { Workspace } from './workspace.ts'

export interface AttioModel extends VendorModel {
  readonly settings: AttioSettings
}

export function createAttioModel(options: ModelOptions & { settings?: Partial<AttioSettings> }): AttioModel {
  const settings: AttioSettings = { ...defaultSettings, ...options.settings }
  const workspace = foundWorkspace({ clock: options.clock, seed: options.seed, settings })
  const usage = newUsage()

  const process = (request: HttpRequest, nowMs: number): Answer & { match: Match } => {
    const { pathname, searchParams, match } = wayOf(request)
    if (!match) throw missingEndpoint(request.method, pathname)
    const { route, params } = match
    if (route.handleOpen) {
      return { match, ...route.handleOpen({ workspace, request, query: searchParams, nowMs }) }
    }
    const token = tokenOf(request)
    const isKnown = isAccepted(workspace, token)
    if (!isKnown && route.handle) throw unauthorized()
    if (isKnown && options.limits === 'vendor') {
      countRequest(usage, { settings, budget: route.budget, nowMs })
    }
    if (!route.handle) return { match, ...answerSelf(workspace, token) }
    requireLevel(settings, route.template)
    requireScopes(settings, route.scopes)
    const actorId = settings.actorIdIsClientId ? workspace.clientId : workspace.tokenActorId
    const answer = route.handle({
      workspace,
      params,
      query: searchParams,
      body: parseJson(request),
      act: { atMs: nowMs, actor: { type: 'api-token', id: actorId } },
    })
    const score = answer.headers?.['x-attio-record-query-score']
    if (score !== undefined && options.limits === 'vendor') {
      countScore(usage, { settings, score: Number(score), nowMs })
    }
    return { match, ...answer }
  }

  /** What the vendor would have done by itself until now. */
  const catchUp = (): number => {
    const nowMs = options.clock()
    runChores(workspace, nowMs)
    return nowMs
  }

  return {
    vendor: 'attio',
    get token() {
      return workspace.token
    },
    get credentials() {
      return { clientId: workspace.clientId, clientSecret: workspace.clientSecret }
    },
    settings,
    settingsSchema,

    handle(request) {
      const nowMs = catchUp()
      try {
        const { status = 200, body, headers = {}, match } = process(request, nowMs)
        const accurate = match.route.isReplicaRead
          ? { 'x-accurate-at': stamp(nowMs - settings.replicaLagMs) }
          : {}
        return respond(workspace, nowMs, { status, body, headers: { ...headers, ...accurate } })
      } catch (error) {
        if (!(error instanceof AttioFault)) throw error
        return respondFault(workspace, nowMs, error)
      }
    },

    refuse(reason, request) {
      const nowMs = options.clock()
      const isSelf = wayOf(request).match?.route.template === '/v2/self'
      return refusal(workspace, { reason, isSelf, nowMs })
    },

    isMutating(request) {
      return wayOf(request).match?.route.isWrite ?? request.method !== 'GET'
    },

    routeOf(request) {
      const template = wayOf(request).match?.route.template ?? '(unknown)'
      return `${request.method} ${template}`
    },

    edit(edit) {
      catchUp()
      return editAsHuman(workspace, edit)
    },

    takeDeliveries: () => takeDeliveries(workspace, catchUp()),
    settleDelivery: (id, status) => settleDelivery(workspace, id, status),

    // Afterthoughts count too: they may be about to cause a delivery.
    nextDeliveryAt() {
      const nowMs = catchUp()
      const dues = [workspace.chores.nextMs, nextDueMs(workspace, nowMs)]
      const known = dues.filter((due) => due !== null)
      return known.length > 0 ? Math.min(...known) : null
    },

    dump() {
      catchUp()
      return dumpWorkspace(workspace)
    },

    snapshot: () => takeSnapshot(workspace, usage),
    restore: (text) => loadSnapshot(workspace, usage, text),
  }
}

interface Way {
  readonly pathname: string
  readonly searchParams: URLSearchParams
  readonly match: Match | null
}

const METHODS_MAX = 10
const ADDRESSES_MAX = 1_000

/** A host asks about a request before it is handled and again afterwards, and clients send to the same few addresses. */
const waysBy = remembered((method: string) => {
  const wayTo = (url: string): Way => {
    const { pathname, searchParams } = new URL(url)
    return { pathname, searchParams, match: matchRoute(method, pathname) }
  }
  return remembered(wayTo, ADDRESSES_MAX)
}, METHODS_MAX)

const wayOf = ({ method, url }: HttpRequest): Way => waysBy(method)(url)

/** The live wording. Attio fact sheet 1: listing is `POST …/query`, never GET. */
const missingEndpoint = (method: string, path: string): AttioFault =>
  notFound(`Could not find endpoint "${method} ${path}".`)

/** What the vendor does with a body of another type than JSON is unknown: here it is none at all. */
function parseJson({ body, headers }: HttpRequest): unknown {
  const isJson = /^application\/(.+\+)?json\b/i.test(headers['content-type'] ?? '')
  if (body === null || body === '' || !isJson) return undefined
  try {
    return JSON.parse(body)
  } catch {
    throw invalid('The request body is not valid JSON.')
  }
}

/** What the live service adds to every answer of its own; browsers need it. Seen in recordings. */
const COMMON_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'application/json; charset=utf-8',
  vary: 'Origin',
  'access-control-allow-origin': '*',
  'access-control-expose-headers':
    'x-attio-client,x-attio-execution-id,x-attio-platform,x-attio-platform-version,x-attio-record-query-score,x-attio-app-installation-bundle-id,WWW-Authenticate',
  'x-frame-options': 'DENY',
}

function respond(
  workspace: Workspace,
  nowMs: number,
  answer: { status: number; body: unknown; headers: Readonly<Record<string, string>> },
): HttpResponse {
  return {
    status: answer.status,
    headers: {
      ...COMMON_HEADERS,
      date: new Date(nowMs).toUTCString(),
      'x-attio-execution-id': nextUuid(workspace.chance),
      ...answer.headers,
    },
    body: JSON.stringify(answer.body),
  }
}

const respondFault = (workspace: Workspace, nowMs: number, fault: AttioFault): HttpResponse =>
  respond(workspace, nowMs, { status: fault.status, body: fault.body(), headers: fault.headers })

/** Attio has no daily limit; asked for one, it answers as for the limit it has. */
function refusal(
  workspace: Workspace,
  options: { reason: Refusal; isSelf: boolean; nowMs: number },
): HttpResponse {
  const { reason, isSelf, nowMs } = options
  switch (reason) {
    case 'rate-limit':
    case 'daily-limit': {
      const resetMs = (Math.floor(nowMs / 1000) + 1) * 1000
      return respondFault(workspace, nowMs, rateLimited(workspace.settings, nowMs, resetMs))
    }
    case 'unauthorized':
      if (isSelf) return respond(workspace, nowMs, { status: 200, body: { active: false }, headers: {} })
      return respondFault(workspace, nowMs, unauthorized())
    case 'server-error':
      return edgePage(nowMs, 500, 'Internal Server Error')
    case 'bad-gateway':
      return edgePage(nowMs, 502, 'Bad Gateway')
  }
}

/** A 5xx has no documented body and may come from the edge as HTML. Attio fact sheet 4.2. */
const edgePage = (nowMs: number, status: number, title: string): HttpResponse => ({
  status,
  headers: { 'content-type': 'text/html; charset=UTF-8', date: new Date(nowMs).toUTCString() },
  body: `<html><head><title>${status} ${title}</title></head><body><h1>${status} ${title}</h1></body></html>`,
})
