/** Which stored queries a change is told to, and what each of them tells (Salesforce fact sheet 21.3). */
import type { Actor } from '../actor.ts'
import type { Org } from '../org.ts'
import type { Row, Values } from '../rows/row-store.ts'
import type { Change, ChangeKind } from '../rows/transaction.ts'
import { stampMs } from '../times.ts'
import type { Condition, Query } from '../soql/ast.ts'
import { parseQuery } from '../soql/parse.ts'
import { scopeOf, whereTest } from '../soql/run-query.ts'
import { refusal } from '../wire.ts'

export interface TopicEvent {
  /** `/topic/Name`. */
  readonly channel: string
  readonly type: string
  readonly sobject: Readonly<Record<string, unknown>>
}

const KINDS: Readonly<Record<ChangeKind, { readonly type: string; readonly asked: string }>> = {
  CREATE: { type: 'created', asked: 'NotifyForOperationCreate' },
  UPDATE: { type: 'updated', asked: 'NotifyForOperationUpdate' },
  DELETE: { type: 'deleted', asked: 'NotifyForOperationDelete' },
  UNDELETE: { type: 'undeleted', asked: 'NotifyForOperationUndelete' },
}

/** A topic tells what changes, whoever may see it. */
const EVERYBODY: Actor = {
  userId: '',
  kind: 'person',
  origin: '',
  allowDuplicates: false,
  assigns: false,
}

export function topicsTelling(org: Org, changes: readonly Change[]): TopicEvent[] {
  const topics = [...org.rows.all('PushTopic')].filter(
    ({ deletedAt, values }) => deletedAt === null && values['IsActive'] === true,
  )
  return topics.flatMap((topic) => changes.flatMap((change) => tellTopic(org, topic, change) ?? []))
}

function tellTopic(org: Org, topic: Row, { row, kind, before }: Change): TopicEvent | null {
  const { type, asked } = KINDS[kind]
  const query = parseQuery(String(topic.values['Query']))
  const object = org.schema.find(query.from.name)
  if (object?.name !== row.object || topic.values[asked] !== true) return null
  const soql = String(topic.values['Query'])
  const scope = scopeOf(org, { actor: EVERYBODY, soql, withDeleted: true, version: '0.0' }, query)
  const matches = whereTest(scope, query)(row.values)
  if (!matches) return null
  const isTold = kind !== 'UPDATE' || concerns(topic, query, { before: before ?? {}, after: row.values })
  if (!isTold) return null
  const fields = selected(query).flatMap((name) => object.byName.get(name.toLowerCase()) ?? [])
  return {
    channel: `/topic/${String(topic.values['Name'])}`,
    type,
    // A deletion tells the id only.
    sobject:
      kind === 'DELETE'
        ? { Id: row.id }
        : Object.fromEntries(fields.map((field) => [field.name, shown(row.values[field.name], field.type)])),
  }
}

function shown(value: Values[string] | undefined, type: string): unknown {
  if (type === 'datetime' && typeof value === 'string') return new Date(stampMs(value)).toISOString()
  return value ?? null
}

/** `NotifyForFields`: whichever field changed, or one that the query names. */
function concerns(
  topic: Row,
  query: Query,
  { before, after }: { readonly before: Values; readonly after: Values },
): boolean {
  const chosen = {
    All: null,
    Select: selected(query),
    Where: filtered(query.where),
    Referenced: [...selected(query), ...filtered(query.where)],
  }[String(topic.values['NotifyForFields'] ?? 'Referenced')]
  if (chosen === null || chosen === undefined) return true
  const names = new Set(chosen.map((name) => name.toLowerCase()))
  return Object.keys({ ...before, ...after }).some(
    (name) => names.has(name.toLowerCase()) && before[name] !== after[name],
  )
}

function selected({ select }: Query): string[] {
  return select.flatMap((item) => (item.kind === 'field' ? item.path.segments.join('.') : []))
}

function filtered(condition: Condition | null): string[] {
  if (condition === null) return []
  switch (condition.kind) {
    case 'and':
    case 'or':
      return condition.conditions.flatMap(filtered)
    case 'not':
      return filtered(condition.condition)
    case 'compare':
    case 'in':
    case 'includes':
      return condition.operand.kind === 'field' ? [condition.operand.path.segments.join('.')] : []
  }
}

/** The query has to be one about rows and their own fields, with the id, and nothing after its conditions. */
export function requireTopicQuery(org: Org, values: Values): void {
  const query = parseQuery(String(values['Query']))
  const object = org.schema.find(query.from.name)
  const isPlain = query.select.every((item) => item.kind === 'field' && item.path.segments.length === 1)
  const isWhole = query.limit === null && query.offset === null && query.orderBy.length === 0
  const hasId = selected(query).some((name) => name.toLowerCase() === 'id')
  if (object !== undefined && isPlain && isWhole && hasId && query.groupBy.length === 0) return
  throw refusal(
    'INVALID_FIELD',
    'large textarea fields, relationships, sorting and limits are not supported; Id is required',
    ['Query'],
  )
}
