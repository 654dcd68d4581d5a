/** The pairing report on a screen: figures per mapping; ids only where a person is asked. */
import { SIDES, type Both, type RecordId, type Side } from '../core/record.ts'
import type { PairingCase } from '../stages/pairing-case.ts'
import type { MappingReport } from '../stages/pairing-report.ts'
import { evidenceText } from './pairing-csv.ts'
import { count, grouped, paint, table } from './style.ts'
import { oneLine } from './value-text.ts'

/** Cases shown per mapping; the file has all of them. */
const CASES_SHOWN = 10

export function pairingText(reports: readonly MappingReport[], names: Both<string>): string {
  return `${reports.map((report) => mappingText(report, names)).join('\n\n')}\n`
}

function mappingText({ mapping, linked, cases, labels }: MappingReport, names: Both<string>): string {
  const rows = [
    row(linked, 'linked already', ''),
    ...byEvidence(cases),
    ...reviewRows(cases),
    row(
      number(cases, ({ proposal }) => proposal === 'apart'),
      'left apart',
      'a person said so; `link` in the file takes it back',
    ),
    ...SIDES.flatMap((side) => [
      row(
        number(cases, (each) => each.shape === `${side}-only` && each.proposal === 'create'),
        `only in ${names[side]}`,
        'would be created on the other side',
      ),
      row(
        number(cases, (each) => each.shape === `${side}-only` && each.proposal === 'nothing'),
        `only in ${names[side]}`,
        'left alone: outside the scope, or not to be created',
      ),
    ]),
  ].filter(([figure]) => figure !== '0')
  const review = cases.filter(({ proposal }) => proposal === 'review')
  const lines = [paint('bold', mapping), table(rows.length > 0 ? indented(rows) : [['  no records']], [0])]
  if (review.length > 0) lines.push('', casesText(review, labels, names))
  return lines.join('\n')
}

function byEvidence(cases: readonly PairingCase[]): readonly string[][] {
  const linked = cases.filter(({ proposal }) => proposal === 'link')
  const groups = Map.groupBy(linked, ({ evidence }) =>
    evidence?.by === 'key' ? `equal ${evidence.rule}` : 'one carries the id of the other',
  )
  return [...groups].map(([evidence, group]) =>
    row(group.length, 'one to one', `${evidence}: would be linked`),
  )
}

function reviewRows(cases: readonly PairingCase[]): readonly string[][] {
  const review = cases.filter(({ proposal }) => proposal === 'review')
  const groups = Map.groupBy(review, ({ shape }) => shape)
  return [...groups].map(([shape, group]) =>
    row(group.length, shape.replaceAll('-', ' '), paint('yellow', 'needs a person')),
  )
}

function casesText(
  review: readonly PairingCase[],
  labels: MappingReport['labels'],
  names: Both<string>,
): string {
  const records = (side: Side, ids: readonly RecordId[]): string => {
    const each = ids.map((id) => [oneLine(labels.get(`${side}:${id}`) ?? ''), id].join(' ').trimStart())
    return `${names[side]} ${each.join(', ') || 'none'}`
  }
  const rows = review
    .slice(0, CASES_SHOWN)
    .map(({ left, right, evidence, because }) => [
      `  ${records('left', left)}`,
      records('right', right),
      evidenceText(evidence),
      because,
    ])
  const more = review.length > CASES_SHOWN ? `\n  … ${grouped(review.length - CASES_SHOWN)} more` : ''
  const head = `${count(review.length, 'case')} to decide (attune pair --out decisions.csv):`
  return `${paint('yellow', head)}\n${table(rows)}${more}`
}

function row(figure: number, what: string, note: string): string[] {
  return [grouped(figure), what, note]
}

function number(cases: readonly PairingCase[], fits: (each: PairingCase) => boolean): number {
  return cases.filter(fits).length
}

function indented(rows: readonly string[][]): readonly string[][] {
  return rows.map(([first = '', ...rest]) => [`  ${first}`, ...rest])
}
