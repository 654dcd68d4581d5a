/** One step of an explanation as a sentence. */
import { SIDES, type Both, type Evidence } from '../core/record.ts'
import { winnerOf, type Step } from '../stages/explain.ts'
import type { RecordRef } from '../store/records.ts'
import type { NameOf } from './record-names.ts'
import { instantText, valueText } from './value-text.ts'

/** `nameOf`: who a record is that has no pair. */
export function stepSentence(step: Step, names: Both<string>, nameOf: NameOf): string {
  switch (step.kind) {
    case 'observed': {
      const how = {
        poll: 'its list of changes',
        sweep: 'a comparison',
        webhook: 'a webhook',
      }
      const what = step.what === 'removed' ? 'was removed' : 'changed'
      const when = step.vendorAt === null ? '' : ` at ${instantText(step.vendorAt)}`
      return `${names[step.side]} reported by ${how[step.source]} that record ${step.record} ${what}${when}.`
    }
    case 'link':
    case 'relink':
    case 'unlink': {
      const verb = { link: 'linked', relink: 'linked to another record', unlink: 'separated' }[step.kind]
      return `The pair was ${verb}: ${step.because}.`
    }
    case 'write':
      return writeSentence(step, names)
    case 'conflict':
      return conflictSentence(step, names)
    case 'review':
    case 'alone':
    case 'quarantined':
      return unpairedSentence(step, names, nameOf)
    case 'now':
      return nowSentence(step, names)
  }
}

function writeSentence(step: Extract<Step, { kind: 'write' }>, names: Both<string>): string {
  const side = names[step.side]
  const because = step.because === '' ? '' : ` (${step.because})`
  if (step.write === 'remove') return `The record ${step.record} was removed in ${side}${because}.`
  if (step.write === 'create') {
    return `The record ${step.record} was created in ${side} with ${step.field} = ${valueText(step.after)}${because}.`
  }
  return `${step.field} was written in ${side}: ${valueText(step.before)} → ${valueText(step.after)}${because}.`
}

function conflictSentence(step: Extract<Step, { kind: 'conflict' }>, names: Both<string>): string {
  if (step.about === 'overwritten') return overwrittenSentence(step, names)
  const values = SIDES.map(
    (side) => `${names[side]} says ${valueText(step[side])}${byWhom(step.evidence[side])}`,
  ).join(', ')
  const winner = winnerOf(step)
  return `Both sides differ in ${step.field}: ${values}. ${outcome(step, winner === null ? null : names[winner])}`
}

/** The side that has evidence lost its value (see `ConflictKind`). */
function overwrittenSentence(step: Extract<Step, { kind: 'conflict' }>, names: Both<string>): string {
  const side = step.evidence.left ? 'left' : 'right'
  const lost = `${valueText(step[side])}${byWhom(step.evidence[side])}`
  const winner = winnerOf(step)
  const next = step.state === 'auto' ? '' : ` ${outcome(step, winner === null ? null : names[winner])}`
  return `${names[side]} held ${lost} for a moment in ${step.field}: a write replaced it before anybody had seen it.${next}`
}

function outcome(step: Extract<Step, { kind: 'conflict' }>, winner: string | null): string {
  switch (step.state) {
    case 'open':
      return `It waits for a decision (attune resolve ${step.id} --take left|right).`
    case 'decided':
      return `A person chose ${winner ?? 'a side'}; the next pass writes it.`
    case 'resolved':
      return winner === null ? 'It was resolved.' : `A person chose ${winner}.`
    case 'auto':
      return `The rule ${step.rule} chose ${winner ?? 'a value'}.`
    case 'superseded':
      return 'It was overtaken by another edit.'
  }
}

function byWhom(evidence: Evidence | null): string {
  if (!evidence) return ''
  const { actor, at } = evidence
  const who = actor.kind === 'unknown' ? '' : ` by ${actor.kind}${actor.id === null ? '' : ` ${actor.id}`}`
  const when = at === null ? '' : ` at ${instantText(at)}`
  return who + when === '' ? '' : ` (set${who}${when})`
}

function unpairedSentence(
  step: Extract<Step, { kind: 'review' | 'alone' | 'quarantined' }>,
  names: Both<string>,
  nameOf: NameOf,
): string {
  const { kind, side, record, because, candidates, mapping } = step
  const called = (ref: RecordRef): string => {
    const name = nameOf({ mapping, ...ref })
    return `${names[ref.side]} ${ref.id}${name === null ? '' : ` (${name})`}`
  }
  const who = called({ side, id: record })
  switch (kind) {
    case 'review': {
      const others = candidates.map(called).join(', ')
      const beside = others === '' ? '' : `, beside ${others}`
      return `${who} has no counterpart and waits in review${beside}: ${because} (attune pair).`
    }
    case 'alone':
      return `${who} has no counterpart, and none is made for it: ${because}.`
    case 'quarantined':
      return `${who} has no counterpart and is quarantined: ${because}.`
  }
}

function nowSentence(step: Extract<Step, { kind: 'now' }>, names: Both<string>): string {
  const parts = [stateText(step.state)]
  if (step.agreed) {
    const { left, right } = step.agreed
    parts.push(`Last agreed: ${names.left} ${valueText(left)}, ${names.right} ${valueText(right)}.`)
  } else {
    parts.push(`The sides never agreed on ${step.field} yet.`)
  }
  if (step.openWrite) parts.push(`A write to ${names[step.openWrite]} is under way.`)
  if (step.quarantine) parts.push(`Quarantined: ${step.quarantine}.`)
  return `Now: ${parts.join(' ')}`
}

function stateText(state: Extract<Step, { kind: 'now' }>['state']): string {
  switch (state) {
    case 'live':
      return 'the pair is kept equal.'
    case 'half':
      return 'the counterpart is still being created.'
    case 'paused':
      return 'the pair is paused, since one record is not visible or outside the scope.'
    case 'unlinked':
      return 'the pair is separated.'
    case 'tomb':
      return 'both records are gone.'
  }
}
