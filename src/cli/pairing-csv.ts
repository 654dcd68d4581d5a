/** Pairing proposals as a spreadsheet, and the decisions that come back in it. */
import { ConfigError } from '../errors.ts'
import type { PairDecision } from '../stages/pair.ts'
import type { PairingCase } from '../stages/pairing-case.ts'
import type { Evidence } from '../stages/pairing-evidence.ts'
import type { MappingReport } from '../stages/pairing-report.ts'
import { readCsv, writeCsv } from './csv.ts'

const COLUMNS = [
  'mapping',
  'left_id',
  'left_label',
  'right_id',
  'right_label',
  'shape',
  'evidence',
  'proposal',
  'decision',
  'because',
]

/** One row per left and right record of a case: what a person can say yes or no to. */
export function pairingsCsv(reports: readonly MappingReport[]): string {
  const rows = reports.flatMap(({ mapping, cases, labels }) =>
    cases.flatMap((each) =>
      couples(each).map(({ left, right }) => ({
        mapping,
        left_id: left ?? '',
        left_label: labels.get(`left:${left}`) ?? '',
        right_id: right ?? '',
        right_label: labels.get(`right:${right}`) ?? '',
        shape: each.shape,
        evidence: evidenceText(each.evidence),
        proposal: each.proposal,
        decision: '',
        because: each.because,
      })),
    ),
  )
  return writeCsv(COLUMNS, rows)
}

function couples({ left, right }: PairingCase): readonly { left: string | null; right: string | null }[] {
  const lefts = left.length === 0 ? [null] : left
  const rights = right.length === 0 ? [null] : right
  return lefts.flatMap((one) => rights.map((other) => ({ left: one, right: other })))
}

export function evidenceText(evidence: Evidence | null): string {
  if (!evidence) return ''
  if (evidence.by === 'stamp') return 'one carries the id of the other'
  const keys = `${evidence.keys} ${evidence.keys === 1 ? 'key' : 'keys'}`
  return `${evidence.rule} (${evidence.strength}, ${keys})`
}

/** Rows with a decision. Throws `ConfigError` for a word that is none. */
export function readPairDecisions(text: string, file: string): readonly PairDecision[] {
  const rows = readCsv(text, file, ['mapping', 'left_id', 'right_id', 'decision'])
  return rows.flatMap(({ at, cells: row }) => {
    const written = row['decision']?.trim() ?? ''
    const decision = written.toLowerCase()
    if (decision === '') return []
    const [left, right] = [row['left_id']?.trim() || null, row['right_id']?.trim() || null]
    if (decision !== 'link' && decision !== 'apart') {
      throw new ConfigError(`the decision "${written}" is neither link nor apart`, {
        at,
        hint: 'write link or apart into the column decision, or leave it empty',
      })
    }
    return [{ mapping: row['mapping']?.trim() ?? '', left, right, decision }]
  })
}
