/**
 * The one function that decides (DESIGN rule 2): what the two records of a link hold, what they held when they
 * last agreed, and the rules, in; a plan, out. Daemon, dry run, import and explain all call it.
 */
import type { LinkBase } from './base.ts'
import type { EvidenceFrame } from './evidence.ts'
import type { FieldInput } from './field.ts'
import { mergeField } from './merge.ts'
import type { Plan, Verdict } from './plan.ts'
import type { Both, Evidence, Side, Snapshot } from './record.ts'
import { restoreField, type LostValue } from './restore.ts'
import type { FieldRule, ObjectRules, SideContext, SideRule } from './rules.ts'
import { isBlank, type FieldValues } from './value.ts'

export interface ReconcileInput {
  readonly rules: ObjectRules
  readonly base: LinkBase
  readonly left: Snapshot
  readonly right: Snapshot
  readonly context: Both<SideContext>
  /** True once evidence was asked for: what is missing now is missing for good. */
  readonly evidenceComplete: boolean
  readonly clockErrorMs: Both<number>
  /** Choices of a person, by field key. */
  readonly choices: Readonly<Record<string, Side>>
  /** Overwritten values that a person wants back, by field key. */
  readonly lost: Readonly<Record<string, LostValue>>
  /** Fields that are set aside (quarantined, or broken by a schema change), by field key → why. */
  readonly paused: Readonly<Record<string, string>>
}

export function reconcile(input: ReconcileInput): Plan {
  const frame: EvidenceFrame = {
    readAtMs: { left: input.left.readAtMs, right: input.right.readAtMs },
    clockErrorMs: input.clockErrorMs,
  }
  const verdicts: Verdict[] = []
  const wants: { left: string[]; right: string[] } = { left: [], right: [] }
  for (const rule of input.rules.fields) {
    const { verdict, wantsEvidence } = decide(rule, input, frame)
    verdicts.push(verdict)
    if (wantsEvidence) {
      wants.left.push(...rule.left.fields)
      wants.right.push(...rule.right.fields)
    }
  }
  return { verdicts, wantsEvidence: wants }
}

function decide(rule: FieldRule, input: ReconcileInput, frame: EvidenceFrame) {
  const paused = input.paused[rule.key]
  if (paused !== undefined) return skip(rule, paused)
  if (!wasRead(rule.left, input.left.values) || !wasRead(rule.right, input.right.values)) {
    return skip(rule, 'not read this time')
  }
  const seen = {
    rule,
    base: input.base[rule.key] ?? null,
    left: rule.left.read(input.left.values, input.context.left),
    right: rule.right.read(input.right.values, input.context.right),
  }
  const lost = input.lost[rule.key]
  const restored = lost && canStore(rule, lost, input) ? restoreField(seen, lost) : null
  if (restored) return { verdict: restored, wantsEvidence: false }
  return mergeField({
    ...seen,
    ...evidenceOf(rule, input),
    frame,
    context: input.context,
    choice: input.choices[rule.key] ?? null,
  })
}

/** A reference to a pair that is no more would be stored as a blank, and that be carried over. */
function canStore(rule: FieldRule, { side, value }: LostValue, { context, ...snapshots }: ReconcileInput) {
  const { values } = snapshots[side]
  const stored = { ...values, ...rule[side].write(value, values, context[side]) }
  return isBlank(value) || !isBlank(rule[side].read(stored, context[side]))
}

function skip(rule: FieldRule, because: string): { verdict: Verdict; wantsEvidence: boolean } {
  return { verdict: { kind: 'nothing', field: rule.key, because }, wantsEvidence: false }
}

/** A field that the answer left out was not observed, which is neither blank nor a change. */
export function wasRead(side: SideRule, values: FieldValues): boolean {
  return side.fields.some((field) => field in values)
}

function evidenceOf(rule: FieldRule, input: ReconcileInput): Pick<FieldInput, 'evidence' | 'seen'> {
  const seen = { left: newestEvidence(rule.left, input.left), right: newestEvidence(rule.right, input.right) }
  const isMissing = seen.left === null || seen.right === null
  return { seen, evidence: isMissing && !input.evidenceComplete ? undefined : seen }
}

/** Evidence of the member changed last; text order is time order for one vendor's own timestamps. */
export function newestEvidence(side: SideRule, snapshot: Snapshot): Evidence | null {
  let found: Evidence | null = null
  for (const field of side.fields) {
    const evidence = snapshot.evidence[field]
    if (evidence && (found === null || isNewer(evidence, found))) found = evidence
  }
  return found
}

/** Where a vendor stamps whole records, the member is newer of which it is known that it changed late. */
function isNewer(a: Evidence, b: Evidence): boolean {
  if (a.at !== b.at) return (a.at ?? '') > (b.at ?? '')
  const since = ({ at, notBefore }: Evidence) => (notBefore === undefined ? at : notBefore) ?? ''
  return since(a) > since(b)
}
