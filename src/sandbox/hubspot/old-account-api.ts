/** Owners, the account and pipelines of deals before version 3 (the vendor's legacy documents). */
import { accountDetails } from './account-api.ts'
import { param, queryFlag, type Call, type Route } from './call.ts'
import type { Owner } from './owners.ts'
import { notFound, ok, type Answer } from './wire.ts'

const OWNERS = '/owners/v2/owners'
const PIPELINES = '/deals/v1/pipelines'

const reading = { method: 'GET', mutates: false } as const
const ownerScopes = () => ['crm.objects.owners.read']
const dealScopes = () => ['crm.objects.deals.read']
/** Any token may ask who it is. */
const noScopes = () => []

export const oldAccountRoutes: readonly Route[] = [
  { ...reading, template: OWNERS, scopes: ownerScopes, handle: listOwners },
  { ...reading, template: `${OWNERS}/{ownerId}`, scopes: ownerScopes, handle: readOwner },
  { ...reading, template: PIPELINES, scopes: dealScopes, handle: listPipelines },
  { ...reading, template: `${PIPELINES}/{pipelineId}`, scopes: dealScopes, handle: readPipeline },
  { ...reading, template: '/integrations/v1/me', scopes: noScopes, handle: me },
  { ...reading, template: '/integrations/v1/limit/daily', scopes: noScopes, handle: daily },
]

function listOwners(call: Call): Answer {
  const email = call.query.get('email')?.toLowerCase() ?? ''
  const wanted = [...call.portal.owners.all()].filter(
    (owner) =>
      (!owner.archived || queryFlag(call, 'includeInactive')) &&
      (email === '' || owner.email.toLowerCase() === email),
  )
  return ok(wanted.map((owner) => printOwner(call, owner)))
}

function readOwner(call: Call): Answer {
  const owner = call.portal.owners.find(param(call, 'ownerId'))
  if (owner === undefined || (owner.archived && !queryFlag(call, 'includeInactive'))) throw notFound()
  return ok(printOwner(call, owner))
}

/** Ids are numbers, and who the owner is to HubSpot is one of possibly several remote selves. */
function printOwner({ portal }: Call, owner: Owner): unknown {
  const { portalId } = portal.identity
  const ownerId = Number(owner.id)
  return {
    portalId,
    ownerId,
    type: 'PERSON',
    firstName: owner.firstName,
    lastName: owner.lastName,
    email: owner.email,
    createdAt: owner.createdAt,
    updatedAt: owner.updatedAt,
    remoteList: [
      {
        id: owner.userId,
        portalId,
        ownerId,
        remoteId: String(owner.userId),
        remoteType: 'HUBSPOT',
        active: !owner.archived,
      },
    ],
    hasContactsAccess: !owner.archived,
    ...(!owner.archived && { activeUserId: owner.userId }),
    userIdIncludingInactive: owner.userId,
  }
}

function listPipelines(call: Call): Answer {
  return ok(pipelines(call))
}

function readPipeline(call: Call): Answer {
  const found = pipelines(call).find(({ pipelineId }) => pipelineId === param(call, 'pipelineId'))
  if (found === undefined) throw notFound()
  return ok(found)
}

function pipelines({ portal }: Call) {
  return [...portal.pipelines.list('0-3')].map(({ id, label, displayOrder, archived, stages }) => ({
    pipelineId: id,
    label,
    displayOrder,
    active: !archived,
    stages: stages.map((stage) => ({
      stageId: stage.id,
      label: stage.label,
      displayOrder: stage.displayOrder,
      probability: Number(stage.metadata['probability']),
      closedWon: stage.metadata['isClosed'] === 'true' && Number(stage.metadata['probability']) === 1,
      active: !stage.archived,
    })),
  }))
}

function me(call: Call): Answer {
  const { portalId, timeZone, companyCurrency, utcOffset, utcOffsetMilliseconds } = accountDetails(call)
  return ok({ portalId, timeZone, currency: companyCurrency, utcOffsetMilliseconds, utcOffset })
}

function daily(call: Call): Answer {
  const { usage, max, resetsAt } = call.limits.daily()
  const now = call.portal.clock()
  const counter = { name: 'api-calls-daily', usageLimit: max, currentUsage: usage }
  return ok([{ ...counter, collectedAt: now, fetchStatus: 'SUCCESS', resetsAt }])
}
