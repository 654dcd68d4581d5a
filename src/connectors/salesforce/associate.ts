/**
 * Adding and removing the people of opportunities. What joins them has no key of ours, so what is there is looked up
 * first: adding what is there, and removing what is not, is done.
 */
import { ConnectorError } from '../../errors.ts'
import type { RecordId } from '../../core/record.ts'
import type { AssociateItem, WriteOutcome } from '../writing.ts'
import { readRoles } from './contact-roles.ts'
import type { SalesforceContext } from './context.ts'
import { belongsTo, EDGE_OWNER, isPrimaryEdge, parseEdge, ROLES, type Edge, type RoleRow } from './edges.ts'
import { failed } from './encode.ts'
import { collectionResults, ROWS_MAX, sendRows } from './rows.ts'
import { writeHeaders } from './write-headers.ts'

/** One record that joins two: made, changed or removed for an item. */
interface Step {
  readonly item: AssociateItem
  readonly opportunity: RecordId
  readonly change:
    | { readonly kind: 'create'; readonly values: Readonly<Record<string, unknown>> }
    | { readonly kind: 'update'; readonly id: RecordId; readonly values: Readonly<Record<string, unknown>> }
    | { readonly kind: 'remove'; readonly id: RecordId }
}

export async function associateRecords(
  context: SalesforceContext,
  object: string,
  items: readonly AssociateItem[],
): Promise<readonly WriteOutcome[]> {
  const { client } = context
  const known: { readonly item: AssociateItem; readonly edge: Edge }[] = []
  const outcomes: WriteOutcome[] = []
  for (const item of items) {
    const edge = object === EDGE_OWNER ? parseEdge(item.field) : null
    if (edge) known.push({ item, edge })
    else outcomes.push(failed(item, unknownEdge(context, object, item.field)))
  }
  const present = await readRoles(client, [...new Set(known.map(({ item }) => item.id))])
  const steps = known.flatMap(({ item, edge }) => stepsFor(item, edge, present.get(item.id) ?? []))
  const errors = new Map<AssociateItem, ConnectorError[]>()
  // First what is added: should the rest fail, a record has one association too many, not too few.
  for (const kind of ['create', 'update', 'remove'] as const) {
    const own = steps.filter((step) => step.change.kind === kind && !errors.has(step.item))
    for (const [step, result] of await sendSteps(context, kind, own)) {
      if (result instanceof ConnectorError) errors.set(step.item, [...(errors.get(step.item) ?? []), result])
    }
  }
  for (const { item } of known) {
    const [error] = errors.get(item) ?? []
    const count = steps.filter((step) => step.item === item).length
    if (!error) outcomes.push({ kind: 'done', writeId: item.writeId, id: item.id, image: {}, version: null })
    else outcomes.push(failed(item, (errors.get(item)?.length ?? 0) < count ? partly(context, error) : error))
  }
  return outcomes
}

function stepsFor(item: AssociateItem, edge: Edge, rows: readonly RoleRow[]): readonly Step[] {
  const opportunity = item.id
  const of = (contact: RecordId) => rows.filter((row) => row.contact === contact)
  const added = item.add.flatMap(({ id: contact }): Step[] => {
    const own = of(contact)
    if (own.some((row) => belongsTo(edge, row))) return []
    if (edge.label === null) return [create({ OpportunityId: opportunity, ContactId: contact })]
    // Somebody who takes part without a role gets it; who has another one takes part twice, as people enter it.
    const values = isPrimaryEdge(edge) ? { IsPrimary: true } : { Role: edge.label }
    const free = own.find((row) => isPrimaryEdge(edge) || row.role === null)
    return [
      free
        ? { item, opportunity, change: { kind: 'update', id: free.id, values } }
        : create({ OpportunityId: opportunity, ContactId: contact, ...values }),
    ]
  })
  const removed = item.remove.flatMap(({ id: contact }): Step[] =>
    of(contact)
      .filter((row) => belongsTo(edge, row))
      .map((row): Step => {
        if (edge.label === null) return { item, opportunity, change: { kind: 'remove', id: row.id } }
        // Only the role ends; that somebody takes part is the business of the edge without a label.
        const values = isPrimaryEdge(edge) ? { IsPrimary: false } : { Role: null }
        return { item, opportunity, change: { kind: 'update', id: row.id, values } }
      }),
  )
  return [...added, ...removed]

  function create(values: Readonly<Record<string, unknown>>): Step {
    return { item, opportunity, change: { kind: 'create', values } }
  }
}

function sendSteps(context: SalesforceContext, kind: Step['change']['kind'], steps: readonly Step[]) {
  return sendRows(context, steps, {
    rowsMax: ROWS_MAX,
    awaitsLocks: true,
    parentOf: ({ opportunity }) => opportunity,
    send: async (rows) => {
      const answer = await context.client.json({
        ...request(kind, rows),
        headers: writeHeaders(context.settings),
        mutating: true,
        object: ROLES,
      })
      return collectionResults(context, rows, answer, ROLES)
    },
  })
}

function request(kind: Step['change']['kind'], steps: readonly Step[]) {
  const attributes = { type: ROLES }
  switch (kind) {
    case 'create':
    case 'update': {
      const records = steps.map(({ change }) => ({
        attributes,
        ...(change.kind === 'update' && { id: change.id }),
        ...(change.kind !== 'remove' && change.values),
      }))
      const method = kind === 'create' ? ('POST' as const) : ('PATCH' as const)
      return { method, path: '/composite/sobjects', body: { allOrNone: false, records } }
    }
    case 'remove': {
      const ids = steps.map(({ change }) => (change.kind === 'create' ? '' : change.id)).join(',')
      return { method: 'DELETE' as const, path: `/composite/sobjects?ids=${ids}&allOrNone=false` }
    }
  }
}

function partly({ client }: SalesforceContext, error: ConnectorError): ConnectorError {
  const hint = 'Nothing to do: the record is read again, and the rest decided anew.'
  return client.error('ambiguous', `only partly applied; ${error.message}`, hint)
}

function unknownEdge({ client }: SalesforceContext, object: string, field: string): ConnectorError {
  const hint = `Opportunities have association:Contact, with a role or /primary; check the mapping of ${field}.`
  return client.error('rejected', `${object} has no association field "${field}"`, hint)
}
