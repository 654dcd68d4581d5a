/**
 * Records that a person left apart (`attune pair`): an undo takes the word back, and an undo of that says it again. Only our
 * own database changes; what becomes of the records afterwards is for the next pass to decide, as ever.
 */
import { LEFT_APART } from '../core/match.ts'
import { otherSide } from '../core/record.ts'
import type { Change } from '../store/change.ts'
import { isPair } from '../store/links.ts'
import type { RecordRef } from '../store/records.ts'
import type { JournalEntry } from '../store/writes.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import type { Leftover } from './undo-fields.ts'
import { refKey } from './work.ts'

export interface ApartStep {
  readonly kind: 'apart' | 'release'
  readonly mapping: MappingRuntime
  readonly record: RecordRef
}

/** A record that is spoken about has no pair. */
const NO_LINK = ''

/** What was said about a record without a pair, and by which run. */
export function apartJournal(engine: Engine, { kind, mapping, record }: ApartStep, because: string): Change {
  return {
    kind: 'journal',
    entry: {
      run: engine.run,
      link: NO_LINK,
      mapping: mapping.rules.mapping,
      side: record.side,
      kind,
      record: record.id,
      before: {},
      after: {},
      cause: because,
      version: null,
      atMs: engine.runtime.now(),
    },
  }
}

/** The inverse of what the journal (newest first) says about records alone, as far as it still holds. */
export async function apartSteps(
  engine: Engine,
  journal: readonly JournalEntry[],
): Promise<{ readonly steps: readonly ApartStep[]; readonly leftovers: readonly Leftover[] }> {
  const steps: ApartStep[] = []
  const leftovers: Leftover[] = []
  for (const mapping of engine.pairing.mappings) {
    const { mapping: name } = mapping.rules
    const oldest = new Map<string, ApartStep>()
    for (const { kind, mapping: of, side, record: id } of journal) {
      if (of !== name || id === null || (kind !== 'apart' && kind !== 'release')) continue
      const record = { side, id }
      oldest.set(refKey(record), { kind: kind === 'apart' ? 'release' : 'apart', mapping, record })
    }
    const asked = [...oldest.values()]
    const subjects = await engine.store.load({ mapping: name, records: asked.map(({ record }) => record) })
    const known = new Map(
      subjects.map((subject) => [refKey({ side: subject.side, id: subject.askedId }), subject]),
    )
    for (const step of asked) {
      const { side, id } = step.record
      const subject = known.get(refKey(step.record))
      const isApart = subject?.suppressed === LEFT_APART
      if (step.kind === 'release') {
        if (isApart) steps.push(step)
        continue
      }
      if (isApart) continue
      const { link = null } = subject ?? {}
      if (!isPair(link)) {
        steps.push(step)
        continue
      }
      const because = `it is a pair with ${link[otherSide(side)]} by now`
      leftovers.push({ mapping: name, link: link.id, side, record: id, field: null, because })
    }
  }
  return { steps, leftovers }
}

/** As a person's own word does it. Whoever is released is looked at by the next pass. */
export function apartChanges(engine: Engine, step: ApartStep, because: string): readonly Change[] {
  const { kind, record } = step
  const { mapping } = step.mapping.rules
  const atMs = engine.runtime.now()
  const said = apartJournal(engine, step, because)
  if (kind === 'release') {
    return [
      { kind: 'release', mapping, record },
      { kind: 'mark', mapping, record, reason: 'manual', lane: 0, dueMs: atMs, atMs },
      said,
    ]
  }
  return [
    { kind: 'suppress', mapping, record, reason: LEFT_APART, atMs },
    { kind: 'drop-review', mapping, record },
    said,
  ]
}
