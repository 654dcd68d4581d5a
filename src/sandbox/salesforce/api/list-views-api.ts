/** List views: which there are, what each shows, and its rows. */
import { base, objectParam, param, type Call, type Json, type Route } from '../call.ts'
import { normalId } from '../ids.ts'
import type { Printed } from '../rows/print.ts'
import { columnsOf, runQuery } from '../soql/run-query.ts'
import { findListView, listViewsOf, type ListView } from '../views/list-views.ts'
import { notFound, ok, refusal, type Answer } from '../wire.ts'

const ROOT = '/services/data/{version}/sobjects/{object}/listviews'

const reading = (path: string, handle: (call: Call, view: ListView) => Answer): Route => ({
  method: 'GET',
  template: `${ROOT}/{view}${path}`,
  mutates: false,
  handle: (call) => handle(call, viewParam(call)),
})

export const listViewRoutes: readonly Route[] = [
  { method: 'GET', template: ROOT, mutates: false, handle: list },
  reading('', (call, view) => ok(summary(call, view))),
  reading('/describe', (call, view) => ok(description(call, view))),
  reading('/results', results),
]

const ROWS = { usual: 25, max: 2_000 }

function viewParam(call: Call): ListView {
  const id = normalId(param(call, 'view'))
  const { name } = objectParam(call)
  if (id === null) throw notFound()
  const view = findListView(call.org, id)
  if (view.object !== name) throw notFound()
  return view
}

function list(call: Call): Answer {
  const type = objectParam(call)
  const listviews = listViewsOf(call.org, type).map((view) => summary(call, view))
  return ok({ done: true, listviews, nextRecordsUrl: null, size: listviews.length, sobjectType: type.name })
}

function summary(call: Call, { id, object, label, developerName }: ListView): Json {
  const url = `${base(call)}/sobjects/${object}/listviews/${id}`
  return {
    describeUrl: `${url}/describe`,
    developerName,
    id,
    label,
    resultsUrl: `${url}/results`,
    soqlCompatible: true,
    url,
  }
}

function description(call: Call, view: ListView): Json {
  const { id, object, scope, orderBy, soql } = view
  return {
    columns: columns(call, view),
    id,
    orderBy: [
      {
        fieldNameOrPath: orderBy.path,
        nullsPosition: orderBy.direction === 'ascending' ? 'first' : 'last',
        sortDirection: orderBy.direction,
      },
      { fieldNameOrPath: 'Id', nullsPosition: 'first', sortDirection: 'ascending' },
    ],
    query: soql,
    relatedEntityId: null,
    scope,
    scopeEntityId: null,
    sobjectType: object,
    whereCondition: { conditions: [], conjunction: 'and' },
  }
}

function columns(call: Call, { soql, columns: shown, orderBy }: ListView): Json[] {
  const bound = columnsOf(call.org, { actor: call.actor, soql, withDeleted: false, version: call.version })
  return shown.map(({ path, hidden }, index) => {
    const field = bound[index]?.field
    const isSorted = orderBy.path === path
    return {
      ascendingLabel: hidden ? null : 'Z-A',
      descendingLabel: hidden ? null : 'A-Z',
      fieldNameOrPath: path,
      hidden,
      label: field?.label ?? path,
      searchable: !hidden,
      selectListItem: path,
      sortDirection: isSorted ? orderBy.direction : null,
      sortIndex: isSorted ? 0 : null,
      sortable: field?.sortable ?? false,
      type: field?.type ?? 'string',
    }
  })
}

function results(call: Call, view: ListView): Answer {
  const limit = countParam(call, 'limit', ROWS.usual)
  const offset = countParam(call, 'offset', 0)
  const { org, actor, version } = call
  const soql = `${view.soql} LIMIT ${Math.min(limit, ROWS.max)} OFFSET ${offset}`
  const result = runQuery(org, { actor, soql, withDeleted: false, version }, () => '')
  if (result.kind !== 'rows') throw new Error('A list view shows rows')
  const records = result.ids.map((id) => result.print(id)).filter((record) => record !== null)
  return ok({
    columns: columns(call, view),
    developerName: view.developerName,
    done: true,
    id: view.id,
    label: view.label,
    records: records.map((record) => ({
      columns: view.columns.map(({ path }) => ({
        fieldNameOrPath: path,
        value: valueAt(record, path),
      })),
    })),
    size: records.length,
  })
}

function countParam(call: Call, name: string, usual: number): number {
  const count = Number(call.query.get(name) ?? usual)
  if (Number.isInteger(count) && count >= 0) return count
  throw refusal('NUMBER_OUTSIDE_VALID_RANGE', `${name} must be a whole number`)
}

/** Values are text here, whatever they are. */
function valueAt(record: Printed, path: string): string | null {
  const held = path
    .split('.')
    .reduce<unknown>((value, name) => (value as Printed | null)?.[name] ?? null, record)
  return held === null ? null : String(held as string | number | boolean)
}
