/** What became of a plan, as a person reads it: how much of it was done, and what was not and why. */
import type { OperationOutcome } from '../stages/planned.ts'
import type { ApplySummary } from './run-apply.ts'
import { count, durationText, grouped, paint, table } from './style.ts'

/** Beyond this a terminal is the wrong place; --json has everything. */
const SHOWN_MAX = 100

export function applyText(summary: ApplySummary): string {
  const blocks = [verdictText(summary), leftText(summary), unplannedText(summary), trafficText(summary)]
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`
}

function verdictText({ applied, appliedBefore, operations, runId }: ApplySummary): string {
  const all = operations.length
  if (all === 0) return 'The plan is empty: nothing was done.'
  const isComplete = applied === all
  if (appliedBefore > 0 && applied === appliedBefore) {
    const head = isComplete
      ? `all ${count(all, 'operation')}`
      : `${grouped(applied)} of ${count(all, 'operation')}`
    const where = paint('dim', 'attune runs lists the run that can be taken back.')
    return `${paint(isComplete ? 'green' : 'yellow', `Applied before: ${head} of the plan.`)}  ${where}`
  }
  const head = isComplete
    ? `Applied: all ${count(all, 'operation')} of the plan.`
    : `Applied: ${grouped(applied)} of ${count(all, 'operation')}.`
  const what = appliedBefore > 0 ? `the ${grouped(applied - appliedBefore)} of this run` : 'them'
  const back = applied === 0 ? '' : `  ${paint('dim', `attune undo ${runId} takes ${what} back.`)}`
  return `${paint(isComplete ? 'green' : 'yellow', head)}${back}`
}

function leftText({ operations, stale, failed }: ApplySummary): string {
  const left = operations.filter(({ outcome }) => outcome !== 'applied')
  if (left.length === 0) return ''
  const heads = [
    stale > 0 ? `${grouped(stale)} stale, not executed` : '',
    failed > 0 ? `${grouped(failed)} failed` : '',
  ].filter((part) => part !== '')
  const rows = left.slice(0, SHOWN_MAX).map(leftRow)
  const more = left.length > SHOWN_MAX ? [`… and ${grouped(left.length - SHOWN_MAX)} more; see --json.`] : []
  return [`${paint('yellow', `${heads.join(', ')}:`)}`, table(rows), ...more].join('\n')
}

function leftRow({ operation, outcome, because }: OperationOutcome): string[] {
  if (!('kind' in operation)) {
    return [`  ${outcome}`, 'link', `${operation.mapping} ${operation.left} and ${operation.right}`, because]
  }
  const { kind, connection, object, record, source } = operation
  const what = kind === 'create' ? `new, from ${source}` : record
  return [`  ${outcome}`, kind, `${connection} ${object} ${what}`, because]
}

function unplannedText({ unplanned }: ApplySummary): string {
  if (unplanned === 0) return ''
  return `${count(unplanned, 'further write')} for these records ${unplanned === 1 ? 'is' : 'are'} not in the plan; the next pass sends ${unplanned === 1 ? 'it' : 'them'}.`
}

function trafficText({ requests, durationMs }: ApplySummary): string {
  const rows = Object.entries(requests).map(([connection, { read, write }]) => [
    `  ${connection}`,
    count(read, 'read'),
    count(write, 'write'),
  ])
  return `${paint('bold', `Requests, in ${durationText(durationMs)}`)}\n${table(rows, [1, 2])}`
}
