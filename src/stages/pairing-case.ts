/** Cases that a person can judge: records that belong together, may belong together, or stand alone. */
import { LEFT_APART } from '../core/match.ts'
import { otherSide, type RecordId, type Side, type Snapshot } from '../core/record.ts'
import type { RecordRef } from '../store/records.ts'
import type { Review } from '../store/waiting.ts'
import type { Rehearsal } from './dry-run.ts'
import type { MappingRuntime } from './engine.ts'
import { evidenceOf, strongestEvidence, type Evidence, type Seen } from './pairing-evidence.ts'
import { reviewClusters } from './review-clusters.ts'
import { refKey } from './work.ts'

export type Shape = 'one-to-one' | 'one-to-many' | 'many-to-one' | 'many-to-many' | 'left-only' | 'right-only'

/**
 * - `link`: a pass links the two. - `create`: a pass creates the counterpart.
 * - `review`: a person has to say. - `nothing`: outside the scope, or not to be created.
 * - `apart`: a person has said that they stay as they are; they are shown so that the word can be taken back.
 */
export type Proposal = 'link' | 'create' | 'review' | 'nothing' | 'apart'

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

/** Records that a person left apart, beside those of the other side that they resemble; each record once at least. */
export function apartCases(
  mapping: MappingRuntime,
  kept: readonly RecordRef[],
  snapshots: ReadonlyMap<string, Seen>,
): readonly PairingCase[] {
  const { mapping: name } = mapping.rules
  const seen = kept.flatMap((ref) => snapshots.get(refKey(ref)) ?? [])
  const common = { mapping: name, proposal: 'apart', because: LEFT_APART } as const
  const resembled = new Set<RecordId>()
  const alike = likenesses(mapping, seen)
  const cases = seen
    .filter(({ side }) => side === 'left')
    .map(({ snapshot }): PairingCase => {
      const left = [snapshot.key.id]
      const right = alike(snapshot)
      for (const id of right) resembled.add(id)
      const evidence = strongestEvidence(mapping, left, right, snapshots)
      return { ...common, shape: shapeOf(1, right.length), left, right, evidence }
    })
  const others = seen.filter(({ side, snapshot }) => side === 'right' && !resembled.has(snapshot.key.id))
  return [
    ...cases,
    ...others.map(({ snapshot }): PairingCase => {
      return { ...common, shape: 'right-only', left: [], right: [snapshot.key.id], evidence: null }
    }),
  ]
}

/** Which of the right records share a key of the first rule by which any of them does. */
function likenesses(mapping: MappingRuntime, seen: readonly Seen[]): (left: Snapshot) => readonly RecordId[] {
  const rights = seen.filter(({ side }) => side === 'right').map(({ snapshot }) => snapshot)
  const byRule = mapping.rules.match.map((rule) => {
    const holders = new Map<string, RecordId[]>()
    for (const { key, values } of rights) {
      for (const text of rule.keys.right(values)) {
        holders.set(text, [...(holders.get(text) ?? []), key.id])
      }
    }
    return { rule, holders }
  })
  return ({ values }) => {
    for (const { rule, holders } of byRule) {
      const found = new Set(rule.keys.left(values).flatMap((text) => holders.get(text) ?? []))
      if (found.size > 0) return [...found]
    }
    return []
  }
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
