/** Cases that a person can judge: records that belong together, may belong together, or stand alone. */
import { otherSide, type RecordId, type Side } from '../core/record.ts'
import type { Review } from '../store/waiting.ts'
import type { Rehearsal } from './dry-run.ts'
import type { MappingRuntime } from './engine.ts'
import { evidenceOf, strongestEvidence, type Evidence, type Seen } from './pairing-evidence.ts'
import { reviewClusters } from './review-clusters.ts'

export type Shape = 'one-to-one' | 'one-to-many' | 'many-to-one' | 'many-to-many' | 'left-only' | 'right-only'

/**
 * - `link`: a pass links the two. - `create`: a pass creates the counterpart.
 * - `review`: a person has to say. - `nothing`: outside the scope, or not to be created.
 */
export type Proposal = 'link' | 'create' | 'review' | 'nothing'

export interface PairingCase {
  readonly mapping: string
  readonly shape: Shape
  readonly proposal: Proposal
  readonly left: readonly RecordId[]
  readonly right: readonly RecordId[]
  /** What the case rests on: the matching rule, or the id that one record carries of the other. */
  readonly evidence: Evidence | null
  /** Why a person is asked. */
  readonly because: string
}

/** Every pair that a pass would link. */
export function linkedCases(mapping: MappingRuntime, rehearsal: Rehearsal): readonly PairingCase[] {
  return rehearsal.links
    .filter((link) => link.mapping === mapping.rules.mapping)
    .map(({ left, right, snapshots }) => ({
      mapping: mapping.rules.mapping,
      shape: 'one-to-one',
      proposal: 'link',
      left: [left],
      right: [right],
      evidence: evidenceOf(mapping, snapshots.left, snapshots.right) ?? {
        by: 'stamp',
        rule: '',
        strength: 'strong',
        keys: 0,
      },
      because: '',
    }))
}

/** Reviews of records that are candidates of each other are one case. */
export function reviewCases(
  mapping: MappingRuntime,
  reviews: readonly Review[],
  snapshots: ReadonlyMap<string, Seen>,
): readonly PairingCase[] {
  return reviewClusters(reviews).map(({ members, because }) => {
    const ids = (side: Side) => members.filter((member) => member.side === side).map(({ id }) => id)
    const [left, right] = [ids('left'), ids('right')]
    return {
      mapping: mapping.rules.mapping,
      shape: shapeOf(left.length, right.length),
      proposal: 'review',
      left,
      right,
      evidence: strongestEvidence(mapping, left, right, snapshots),
      because,
    }
  })
}

export function aloneCase(
  mapping: string,
  side: Side,
  id: RecordId,
  proposal: 'create' | 'nothing',
): PairingCase {
  const [left, right] = side === 'left' ? [[id], []] : [[], [id]]
  const because =
    proposal === 'create' ? `no counterpart on the ${otherSide(side)} side` : 'left alone by the mapping'
  return { mapping, shape: `${side}-only`, proposal, left, right, evidence: null, because }
}

function shapeOf(left: number, right: number): Shape {
  if (left === 0) return 'right-only'
  if (right === 0) return 'left-only'
  if (left === 1 && right === 1) return 'one-to-one'
  if (left === 1) return 'one-to-many'
  return right === 1 ? 'many-to-one' : 'many-to-many'
}
