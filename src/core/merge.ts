/**
 * The three-way merge of one field (algorithms 2.2). A side has changed when it differs from its own base, and
 * only a change on the other side ever causes a write (Theorem 1), so an echo of our own write, a value the
 * vendor refused and a value it reformatted all come to rest here without a special case.
 */
import { isFight, isSuspicious } from './breaker.ts'
import { NEVER_AGREED } from './base.ts'
import { changedSides, type FieldInput } from './field.ts'
import { pairHash } from './fingerprint.ts'
import type { Verdict } from './plan.ts'
import { forbidsWrite, resolveConflict } from './policy.ts'
import { QUIET_MS, quietWindow, type Quiet } from './quiet.ts'
import { otherSide, type Both, type Side } from './record.ts'
import type { Policy } from './rules.ts'
import { isBlank, isEqual, type Canonical } from './value.ts'
import { hold, kindOf, nothing, propagate, rebase, report, ringEntry } from './verdict.ts'

export type FieldDecision = { readonly verdict: Verdict; readonly wantsEvidence: boolean }

/** Decides one field. Total and pure; `wantsEvidence` asks to be called again with evidence for a better answer. */
export function mergeField(input: FieldInput): FieldDecision {
  const { rule, base, left, right } = input
  if (rule.agree(left, right)) return plain(agreement(input))
  const pair = pairHash(left, right)
  if (base?.held === pair) {
    // A choice counts for the values that the person saw; other values are another question.
    if (!input.choice) return plain(nothing(rule, 'conflict already open on these values'))
    return plain(propagate(input, input.choice, { rule: 'decided by a person', settles: true }))
  }

  const changed = changedSides(base, left, right)
  if (!changed.left && !changed.right) {
    // Both values returned to their bases: whatever conflict was open on them is over.
    if (base?.held) return plain(rebase(rule, base, left, right, 'both sides returned to what they held'))
    return plain(nothing(rule, 'difference known and stable'))
  }
  if (rule.direction !== 'both') return oneWay(input, changed)
  if (changed.left && changed.right) return contested(input, base ? rule.policy : rule.seed)
  return carry(input, changed.left ? 'left' : 'right')
}

function agreement({ rule, base, left, right }: FieldInput): Verdict {
  const known = base !== null && isEqual(base.left, left) && isEqual(base.right, right)
  if (known && base.held === null && !base.doubt) return nothing(rule, 'both sides agree')
  return rebase(rule, base, left, right, base ? 'both sides now agree' : 'both sides agree at first sight')
}

/** Only `source` changed: carry its value over, unless the mapping says otherwise. */
function carry(input: FieldInput, source: Side): FieldDecision {
  const { rule, base, left, right } = input
  const value = source === 'left' ? left : right
  if (rule.blank === 'ignore' && isBlank(value)) {
    return plain(rebase(rule, base, left, right, 'a blank does not overwrite'))
  }
  const forbidden = forbidsWrite(input, source)
  if (forbidden) return plain(rebase(rule, base, left, right, forbidden))
  const verdict = propagate(input, source, null)
  const quiet = verdict.kind === 'write' && !isBlank(verdict.before) ? quietIn(input, rule.policy) : null
  if (quiet?.kind === 'ask') return { verdict, wantsEvidence: true }
  if (quiet?.kind === 'person') return plain(protect(input, quiet.side))
  if (verdict.kind !== 'write' || !isSuspicious(base)) return plain(verdict)
  if (!input.evidence) return { verdict, wantsEvidence: true }
  return plain(breakFight(input, verdict))
}

function oneWay(input: FieldInput, changed: Both<boolean>): FieldDecision {
  const { rule, base, left, right } = input
  const source: Side = rule.direction === 'left-to-right' ? 'left' : 'right'
  const target = otherSide(source)
  if (changed[source]) return carry(input, source)
  switch (rule.drift) {
    case 'ignore':
      return plain(rebase(rule, base, left, right, `changes on the ${target} side are not carried`))
    case 'report':
      return plain(hold(input, 'drift', `the ${target} side drifted`))
    case 'restore': {
      const verdict = propagate(input, source, { rule: 'restore', settles: false })
      return plain(verdict)
    }
  }
}

function contested(input: FieldInput, policy: Policy): FieldDecision {
  const { rule, base, left, right } = input
  if (!base && isImage(input)) {
    return plain(rebase(rule, base, left, right, 'one value is what stands for the other'))
  }
  const effective: Policy = rule.shape === 'elements' && policy.kind === 'ask' ? { kind: 'union' } : policy
  const quiet = quietIn(input, effective)
  if (quiet.kind === 'ask') return { verdict: hold(input, kindOf(base), effective.kind), wantsEvidence: true }
  if (quiet.kind === 'person') return plain(protect(input, quiet.side))
  const resolution = resolveConflict(effective, input)
  switch (resolution.kind) {
    case 'needs-evidence':
      return { verdict: hold(input, kindOf(base), 'most-recent'), wantsEvidence: true }
    case 'ask': {
      // Whatever a person chose could not be stored: there is nothing to ask yet.
      const obstacle = unstorable(input)
      if (obstacle !== null) return plain(nothing(rule, obstacle))
      const verdict = hold(input, kindOf(base), resolution.rule)
      return { verdict, wantsEvidence: input.evidence === undefined }
    }
    case 'diverge':
      return plain(rebase(rule, base, left, right, `${resolution.rule}: both sides have a value`))
    case 'merged':
      return plain(twoSided(input, resolution.value, resolution.rule))
    case 'winner': {
      const settled = { rule: resolution.rule, settles: false }
      const verdict = propagate(input, resolution.side, settled)
      // The winner has nothing to store there (HubSpot's further addresses are its own), and takes in what it lacks. What
      // it had removed may come back that way, and is reported.
      if (verdict.kind === 'rebase') {
        return plain(propagate(input, otherSide(resolution.side), base ? settled : null))
      }
      return {
        verdict,
        wantsEvidence: verdict.kind === 'write' && input.evidence === undefined && base !== null,
      }
    }
  }
}

/**
 * Whether one of the values is what a new record would be given for the other, as somebody stands in for an owner whom
 * that CRM does not know. When a pair begins again, without our database, nobody has chosen such a value: it would
 * replace the real one.
 */
function isImage({ rule, left, right, context }: FieldInput): boolean {
  const forward = rule.forward(left, null, context)
  const backward = rule.backward(right, null, context)
  return (
    (forward.kind === 'value' && isEqual(forward.value, right)) ||
    (backward.kind === 'value' && isEqual(backward.value, left))
  )
}

/**
 * A merged value goes to the right side first; the left side follows as a plain propagation (B9). Nobody loses by a
 * merge, except in doubt: what one side removed from what was agreed may then come back, and is reported.
 */
function twoSided(input: FieldInput, merged: Canonical, ruleName: string): Verdict {
  const { rule, base, left, right } = input
  const settled = base?.doubt ? { rule: ruleName, settles: false } : null
  if (isEqual(merged, left)) return propagate(input, 'left', settled)
  if (isEqual(merged, right)) return propagate(input, 'right', settled)
  return {
    kind: 'write',
    field: rule.key,
    because: 'elements of both sides merged',
    side: 'right',
    source: left,
    target: merged,
    before: right,
    agreedAs: { value: left },
    base: base ?? NEVER_AGREED,
    conflict: settled ? report(input, kindOf(base), ruleName, 'right') : null,
    human: false,
  }
}

function quietIn({ rule, base, left, right, evidence, seen, frame }: FieldInput, policy: Policy): Quiet {
  const latestReadMs = Math.max(frame.readAtMs.left, frame.readAtMs.right)
  const changed = changedSides(base, left, right)
  const isMove = (side: Side) => rule.isReference && base !== null && !isBlank(base[side])
  return quietWindow({
    policy,
    changed: { left: changed.left && !isMove('left'), right: changed.right && !isMove('right') },
    evidence,
    seen: seen ?? { left: null, right: null },
    sinceMs: base ? Number.NEGATIVE_INFINITY : latestReadMs - QUIET_MS,
  })
}

/** What a person typed goes where the vendor filled something in; once, so that nobody fights a vendor who insists. */
function protect(input: FieldInput, person: Side): Verdict {
  const { rule, base, left, right } = input
  const because = 'the vendor filled it in right after a person'
  if (rule.direction !== 'both' && rule.direction !== `${person}-to-${otherSide(person)}`) {
    return rebase(rule, base, left, right, because)
  }
  const verdict = propagate(input, person, { rule: 'quiet-window', settles: false })
  if (verdict.kind !== 'write') return verdict
  const { pair, side } = ringEntry(verdict)
  const before = base?.ring.slice(-2) ?? []
  const insists = before.length === 2 && before.every((entry) => entry.pair === pair && entry.side === side)
  return insists ? hold(input, 'automation-fight', 'quiet-window') : verdict
}

/** Why neither side can take the other's value (both point at records without a link, say), or null. */
function unstorable({ rule, left, right, context }: FieldInput): string | null {
  const forward = rule.forward(left, right, context)
  const backward = rule.backward(right, left, context)
  return forward.kind === 'keep' && backward.kind === 'keep' ? forward.reason : null
}

function breakFight(input: FieldInput, verdict: Extract<Verdict, { kind: 'write' }>): Verdict {
  return isFight(input.base, ringEntry(verdict)) ? hold(input, 'automation-fight', 'breaker') : verdict
}

function plain(verdict: Verdict): FieldDecision {
  return { verdict, wantsEvidence: false }
}
