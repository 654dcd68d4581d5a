/** What an undo does to pairs, as a preview tells it. */
import { SIDES, type Side } from '../core/record.ts'
import type { ApartStep } from './undo-apart.ts'
import type { Reversal } from './undo-decide.ts'

/**
 * What happens to a pair itself: it is linked again, or its records go on apart. Or to one record without a pair: it is
 * left alone again (`apart`), or no longer (`release`); `link` is empty then.
 */
export interface PairStep {
  readonly kind: 'link' | 'unlink' | ApartStep['kind']
  readonly mapping: string
  readonly link: string
  readonly left: string | null
  readonly right: string | null
}

/** None where the pair stays as it is. */
export function pairSteps({ step, situation }: Reversal): PairStep[] {
  if (step === null) return []
  const { footprint, link } = situation
  const before = footprint.steps.at(-1)?.before
  const kind = step === 'apart' ? 'unlink' : 'link'
  const idOn = (side: Side) => (kind === 'unlink' ? link[side] : (before?.[side] ?? null))
  const [left, right] = SIDES.map(idOn)
  return [
    { kind, mapping: footprint.mapping, link: footprint.link, left: left ?? null, right: right ?? null },
  ]
}

export function aloneStep({ kind, mapping, record: { side, id } }: ApartStep): PairStep {
  const ids = side === 'left' ? { left: id, right: null } : { left: null, right: id }
  return { kind, mapping: mapping.rules.mapping, link: '', ...ids }
}
