/** Owners and account information (HubSpot fact sheet 4.4, 15). */
import { linkTo, param, queryAfter, queryFlag, queryLimit, type Call, type Route } from './call.ts'
import { printOwner } from './owners.ts'
import { instant, notFound, ok, type Answer } from './wire.ts'

const OWNER_PAGE_MAX = 500
const OWNER_PAGE_DEFAULT = 100

const OWNER_SCOPES = () => ['crm.objects.owners.read']
/** Any token may ask who it is. */
const NO_SCOPES = () => []

export const accountRoutes: readonly Route[] = [
  { method: 'GET', template: '/crm/v3/owners', mutates: false, scopes: OWNER_SCOPES, handle: listOwners },
  {
    method: 'GET',
    template: '/crm/v3/owners/{ownerId}',
    mutates: false,
    scopes: OWNER_SCOPES,
    handle: readOwner,
  },
  {
    method: 'GET',
    template: '/account-info/v3/details',
    mutates: false,
    scopes: NO_SCOPES,
    handle: details,
  },
  {
    method: 'GET',
    template: '/account-info/v3/api-usage/daily/private-apps',
    mutates: false,
    scopes: NO_SCOPES,
    handle: dailyUsage,
  },
]

function listOwners(call: Call): Answer {
  const limit = queryLimit(call, OWNER_PAGE_DEFAULT, OWNER_PAGE_MAX)
  const after = queryAfter(call)
  const archived = queryFlag(call, 'archived')
  const email = call.query.get('email')?.toLowerCase()
  const wanted = [...call.portal.owners.all()].filter(
    (owner) =>
      owner.archived === archived &&
      Number(owner.id) >= after &&
      (email === undefined || email === '' || owner.email.toLowerCase() === email),
  )
  const rows = wanted.slice(0, limit)
  const next = wanted[limit]
  const link = linkTo(call, `/crm/v3/owners/?limit=${limit}&after=${next?.id}`)
  return ok({
    results: rows.map(printOwner),
    ...(next && { paging: { next: { after: next.id, link } } }),
  })
}

function readOwner(call: Call): Answer {
  const id = param(call, 'ownerId')
  const byUser = call.query.get('idProperty') === 'userId'
  const owner = byUser ? call.portal.owners.findByUserId(id) : call.portal.owners.find(id)
  if (owner === undefined || owner.archived !== queryFlag(call, 'archived')) throw notFound()
  return ok(printOwner(owner))
}

function details(call: Call): Answer {
  return ok(accountDetails(call))
}

export function accountDetails(call: Call) {
  const { identity, settings } = call.portal
  const offset = settings.utcOffsetMinutes
  const absolute = Math.abs(offset)
  const two = (part: number) => String(part).padStart(2, '0')
  const printed = `${offset < 0 ? '-' : '+'}${two(Math.floor(absolute / 60))}:${two(absolute % 60)}`
  return {
    portalId: identity.portalId,
    accountType: 'STANDARD',
    timeZone: settings.timeZone,
    companyCurrency: settings.companyCurrency,
    additionalCurrencies: settings.additionalCurrencies,
    utcOffset: printed,
    utcOffsetMilliseconds: offset * 60_000,
    uiDomain: 'app.hubspot.com',
    dataHostingLocation: 'na1',
  }
}

function dailyUsage(call: Call): Answer {
  const { usage, max, resetsAt } = call.limits.daily()
  return ok({
    results: [
      {
        name: 'private-apps-api-calls-daily',
        usageLimit: max,
        currentUsage: usage,
        collectedAt: instant(call.portal.clock()),
        fetchStatus: 'SUCCESS',
        resetsAt: instant(resetsAt),
      },
    ],
  })
}
