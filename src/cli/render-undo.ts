/** An undo as a person reads it: what goes back, what stays and why; and afterwards, what was done. */
import type { Leftover } from '../stages/undo-fields.ts'
import type { Run } from '../store/writes.ts'
import { fieldCells } from './render-plan.ts'
import type { UndoDocument, UndoOperation } from './run-undo.ts'
import { count, durationText, grouped, paint, table, timeText } from './style.ts'

/** Beyond these a terminal is the wrong place; --json has everything. */
const OPERATIONS_SHOWN = 200
const LEFT_SHOWN = 100

export function previewText(run: Run, { operations, left }: UndoDocument): string {
  const head = `Run ${run.id} (${run.kind}, ${timeText(run.startedMs)})`
  if (operations.length === 0 && left.length === 0) return `${head}: there is nothing to take back.\n`
  const shown = operations.slice(0, OPERATIONS_SHOWN).map(operationText)
  if (operations.length > OPERATIONS_SHOWN) {
    shown.push(`… and ${grouped(operations.length - OPERATIONS_SHOWN)} more; --json has all of them.`)
  }
  const title = operations.length > 0 ? `${head}, taken back:` : `${head}: nothing of it can be taken back.`
  const blocks = [paint('bold', title), shown.join('\n'), ...leftText(left)]
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n\n`
}

const SIGN: Readonly<Record<UndoOperation['kind'], readonly ['green' | 'yellow' | 'red', string]>> = {
  create: ['green', '+'],
  update: ['yellow', '~'],
  associate: ['yellow', '~'],
  remove: ['red', '-'],
  link: ['green', '='],
  unlink: ['red', '≠'],
  apart: ['red', '≠'],
  release: ['green', '='],
}

function operationText(operation: UndoOperation): string {
  const { kind, connection, object, record, other, remark, mapping } = operation
  // Fields are mapped ones; what else is written to a record is the id that it carries of its counterpart.
  const isStamp = kind === 'update' && operation.fields.length === 0
  const remarks = isStamp ? ["the other record's id is taken out", remark] : [remark]
  const note = remarks.map((text) => (text === '' ? '' : `  ${paint('dim', text)}`)).join('')
  const sign = paint(...SIGN[kind])
  if (kind === 'link' || kind === 'unlink') {
    const what = kind === 'link' ? 'are a pair again' : 'are set apart'
    return `${sign} ${paint('bold', `${mapping}: ${record} and ${other}`)} ${what}${note}`
  }
  if (kind === 'apart' || kind === 'release') {
    const what = kind === 'apart' ? 'is left apart again' : 'is no longer left apart'
    return `${sign} ${paint('bold', `${mapping}: ${record ?? other}`)} ${what}${note}`
  }
  const head = `${sign} ${paint('bold', `${connection} ${object} ${record}`)}${note}`
  if (kind === 'remove') return head
  const rows = operation.fields.map((field) => fieldCells(kind, { ...field, because: '' }))
  return rows.length === 0 ? head : `${head}\n${table(rows)}`
}

function leftText(left: readonly Leftover[]): readonly string[] {
  if (left.length === 0) return []
  const rows = left
    .slice(0, LEFT_SHOWN)
    .map(({ mapping, side, record, field, because }) => [
      `  ${mapping}`,
      `${side} ${record ?? ''}`,
      field ?? '',
      because,
    ])
  const more =
    left.length > LEFT_SHOWN ? [`… and ${grouped(left.length - LEFT_SHOWN)} more; see --json.`] : []
  return [[`${paint('yellow', 'Stays as it is:')}`, table(rows), ...more].join('\n')]
}

export function doneText({ runId, did, left, requests, durationMs }: UndoDocument): string {
  const writes = did.reduce((sum, deed) => sum + deed.count, 0)
  const head =
    left.length === 0
      ? paint('green', `Taken back. The next pass leaves it so; attune undo ${runId} does it once more.`)
      : paint(
          'yellow',
          `Taken back, but for ${count(left.length, 'thing that stays', 'things that stay')} as it is.`,
        )
  const rows = Object.entries(requests).map(([connection, { read, write }]) => [
    `  ${connection}`,
    count(read, 'read'),
    count(write, 'write'),
  ])
  const blocks = [
    head,
    ...leftText(left),
    `${paint('bold', `${count(writes, 'entry', 'entries')} in the journal, in ${durationText(durationMs)}`)}\n${table(rows, [1, 2])}`,
  ]
  return `${blocks.join('\n\n')}\n`
}
