/** A plan as a person reads it before a pass: record by record, before → after, and what it costs. */
import type { Both, Side } from '../core/record.ts'
import { isBlank, isList, type Canonical } from '../core/value.ts'
import type { PlannedField, PlannedWrite } from '../stages/planned.ts'
import type { PlanDocument } from './plan-file.ts'
import { count, durationText, grouped, paint, shortened, table } from './style.ts'
import { valueText } from './value-text.ts'

/** Beyond this a terminal is the wrong place; the file has everything. */
const WRITES_SHOWN = 200

const VALUE_MAX = 60

const HOUR_MS = 3_600_000

const SIGN: Readonly<Record<PlannedWrite['kind'], string>> = {
  create: '+',
  update: '~',
  associate: '~',
  remove: '-',
}

export function planText(plan: PlanDocument, names: Both<string>): string {
  const nameOf = newRecords(plan)
  const shown = plan.writes.slice(0, WRITES_SHOWN).map((write) => writeText(write, nameOf))
  if (plan.writes.length > WRITES_SHOWN) {
    shown.push(`… and ${grouped(plan.writes.length - WRITES_SHOWN)} more; --out plan.json has all of them.`)
  }
  const blocks = [...shown, ...conflictsText(plan, names), summaryText(plan, names), costText(plan)]
  return `${blocks.join('\n\n')}\n`
}

type NameOf = (id: string) => string

/** A record that is still to be created is known by the one that it is created from. */
function newRecords(plan: PlanDocument): NameOf {
  const sources = new Map(
    plan.writes.flatMap(({ kind, record, source }) => (kind === 'create' ? [[record, source]] : [])),
  )
  return (id) => (sources.has(id) ? `(new, from ${sources.get(id)})` : id)
}

function writeText(write: PlannedWrite, nameOf: NameOf): string {
  const { kind, connection, object, record, source } = write
  const what = kind === 'create' ? `new, from ${source}` : nameOf(record)
  const sign = paint(kind === 'remove' ? 'red' : kind === 'create' ? 'green' : 'yellow', SIGN[kind])
  const head = `${sign} ${paint('bold', `${connection} ${object} ${what}`)}`
  if (kind === 'remove') return `${head}  archived or deleted, as its counterpart ${source} was`
  return `${head}\n${table(write.fields.map((field) => fieldCells(write.kind, field, nameOf)))}`
}

export function fieldCells(
  kind: PlannedWrite['kind'],
  planned: PlannedField,
  nameOf: NameOf = (id) => id,
): string[] {
  const { field, because } = planned
  const [before, after] = [named(planned.before, nameOf), named(planned.after, nameOf)]
  const change =
    kind === 'create' || isBlank(before)
      ? short(after)
      : `${short(before)} ${paint('dim', '→')} ${short(after)}`
  return [`    ${field}`, change, kind === 'create' ? '' : paint('dim', because)]
}

/** References: lists of `{ object, id }`. */
function named(value: Canonical, nameOf: NameOf): Canonical {
  if (!isList(value)) return value
  return value.map((each) => {
    const isReference = each !== null && typeof each === 'object' && !isList(each)
    const { id } = isReference ? (each as { readonly id?: Canonical }) : {}
    return isReference && typeof id === 'string' ? { ...each, id: nameOf(id) } : each
  })
}

function short(value: Canonical): string {
  return shortened(valueText(value), VALUE_MAX)
}

function conflictsText(plan: PlanDocument, names: Both<string>): readonly string[] {
  if (plan.conflicts.length === 0) return []
  const rows = plan.conflicts.map(({ mapping, field, left, right, leftRecord }) => [
    `  ${mapping} ${leftRecord}`,
    field,
    `${names.left}: ${short(left)}`,
    `${names.right}: ${short(right)}`,
  ])
  return [`${paint('yellow', 'Would wait for a decision:')}\n${table(rows)}`]
}

function summaryText(plan: PlanDocument, names: Both<string>): string {
  if (plan.changes === 0) return paint('green', 'Nothing to do: both sides agree.')
  const rows = (['create', 'update', 'associate', 'remove'] as const).flatMap((kind) => {
    const of = (side: Side) =>
      plan.writes.filter((write) => write.kind === kind && write.side === side).length
    const [left, right] = [of('left'), of('right')]
    return left + right === 0 ? [] : [[`  ${kind}`, grouped(left), grouped(right)]]
  })
  const head = [count(plan.links.length, 'pair would be linked', 'pairs would be linked')]
  if (plan.review > 0) head.push(`${count(plan.review, 'record')} in review`)
  if (plan.unsettled > 0) head.push(`${count(plan.unsettled, 'earlier write')} to look up first`)
  const figures = rows.length === 0 ? '' : `\n${table([['', names.left, names.right], ...rows], [1, 2])}`
  return head.join(', ') + figures
}

function costText(plan: PlanDocument): string {
  const rows = Object.entries(plan.requests).map(([connection, { read, write }]) => {
    const cost = plan.cost[connection]
    const dayShare = cost?.dayShare ?? null
    return [
      `  ${connection}`,
      count(read, 'read'),
      count(write, 'write'),
      cost ? `${durationText(cost.hours * HOUR_MS)} at its limits` : '',
      dayShare === null ? '' : `${shareText(dayShare)} of the day's calls`,
    ]
  })
  const head = plan.writes.length > 0 ? `A pass would take about ${durationText(plan.estimatedMs)}` : 'A pass'
  return `${paint('bold', `${head}, with these requests`)}\n${table(rows, [1, 2, 3, 4])}`
}

/** `0.02 %`, `1.4 %`, `37 %`. */
function shareText(share: number): string {
  const percent = share * 100
  return `${percent >= 10 ? Math.round(percent) : Number(percent.toPrecision(2))} %`
}
