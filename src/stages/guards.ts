/** Counts what a pass is about to do in bulk, before any of it is done (I11). */
import { GuardTripped } from '../errors.ts'
import { guardDeletions, guardField, type GuardVerdict } from '../core/guard.ts'
import { changedSides } from '../core/field.ts'
import { pairHash } from '../core/fingerprint.ts'
import { wasRead } from '../core/reconcile.ts'
import { SIDES, type RecordId, type Side } from '../core/record.ts'
import { isBlank, type Canonical } from '../core/value.ts'
import type { RecordRef, Subject } from '../store/records.ts'
import { isPair } from '../store/links.ts'
import { openDirectory } from './directory.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { fetchRecords } from './fetch.ts'
import { readBoth } from './read-both.ts'
import { olderRules, underNewRules } from './new-rules.ts'
import { carries } from './rule-index.ts'
import type { LinkedGroup, Pair } from './work.ts'

const PAGE = 500

/**
 * Asks by id for every linked record that a listing missed or a bell says is gone, and stops the pairing when too
 * many really are. Costs nothing while there are few suspects. `lately` counts deletions that were carried out a
 * moment ago: told one by one, a mass deletion would never show many suspects at once.
 */
export async function guardAgainstMassDeletion(
  engine: Engine,
  mapping: MappingRuntime,
  lately = 0,
): Promise<void> {
  if (engine.settings.guardsAccepted) return
  const { mapping: name } = mapping.rules
  const suspects = {
    left: await suspectsOf(engine, name, 'left'),
    right: await suspectsOf(engine, name, 'right'),
  }
  // Few suspects cannot trip the guard: reconciling asks for them anyway.
  const count = suspects.left.length + suspects.right.length
  if (count === 0 || count + lately <= engine.settings.guards.deletionsFree) return
  let gone = lately
  for (const side of SIDES) {
    const readings = await fetchRecords(engine, mapping, side, suspects[side], { edges: false })
    for (const reading of readings.values()) if (reading.kind === 'gone') gone += 1
  }
  const links = await engine.store.countLinks(name)
  stopIf(name, guardDeletions(gone, links, engine.settings.guards), 'Nothing was deleted.')
}

async function suspectsOf(engine: Engine, mapping: string, side: Side): Promise<readonly RecordId[]> {
  const ids: RecordId[] = []
  for (;;) {
    const after = ids.at(-1) ?? null
    const page = await engine.store.suspects({ mapping, side, after, limit: PAGE })
    ids.push(...page)
    if (page.length < PAGE) return ids
  }
}

/** The same guards over operations that are decided already: a plan that is to be carried out, a run to be undone. */
export async function guardAgainstMassWriting(
  engine: Engine,
  mapping: MappingRuntime,
  writes: readonly CountedWrite[],
): Promise<void> {
  const { store, settings } = engine
  if (settings.guardsAccepted) return
  const { mapping: name } = mapping.rules
  const links = await store.countLinks(name)
  const removals = writes.filter(({ kind }) => kind === 'remove').length
  const tooMany = guardDeletions(removals, links, settings.guards)
  const message = `${removals} of ${links} linked records would be removed`
  stopIf(name, tooMany && { ...tooMany, message }, 'Nothing was removed.')
  const overwritten = new Map<string, number>()
  for (const { side, kind, fields } of writes) {
    if (kind !== 'update' && kind !== 'associate') continue
    for (const { field, before } of fields) {
      const key = `${side}/${field}`
      if (!isBlank(before)) overwritten.set(key, (overwritten.get(key) ?? 0) + 1)
    }
  }
  for (const [key, changed] of overwritten) {
    const [side = '', ...rest] = key.split('/')
    const field = rest.join('/')
    const verdict = guardField({ field, side, changed, links }, settings.guards)
    const words = `${changed} of ${links} linked records would be overwritten in ${field} on the ${side} side`
    stopIf(name, verdict && { ...verdict, message: words }, 'Nothing was written.')
  }
}

/** A write as far as guards count it. */
export interface CountedWrite {
  readonly side: Side
  readonly kind: 'create' | 'update' | 'associate' | 'remove'
  readonly fields: readonly { readonly field: string; readonly before: Canonical }[]
}

/**
 * Stops the pairing when one field changed in too large a share of all pairs on one side, and values on the
 * other side would be overwritten: a bad import or a broken automation looks like that. Filling blanks is not
 * counted. Only a backlog that could trip the guard is read for it.
 */
export async function guardAgainstMassChange(engine: Engine, mapping: MappingRuntime): Promise<void> {
  const { store, settings, runtime } = engine
  if (settings.guardsAccepted) return
  const { mapping: name } = mapping.rules
  const links = await store.countLinks(name)
  if (links < settings.guards.smallWorld) return
  const { due } = await store.backlog({ mapping: name, nowMs: runtime.now() })
  if (due <= links * settings.guards.fieldShare) return
  const counted = new Set<string>()
  const changed = new Map<string, { readonly field: string; readonly side: Side; count: number }>()
  let after: RecordRef | null = null
  do {
    engine.signal.throwIfAborted()
    const records: readonly RecordRef[] = await store.dueRecords({
      mapping: name,
      after,
      limit: settings.batchSize,
      nowMs: runtime.now(),
    })
    after = records.at(-1) ?? null
    const subjects = await store.load({ mapping: name, records })
    const groups = subjects.flatMap((subject) => groupOf(subject, counted))
    for (const { field, side } of await changesIn(engine, mapping, groups)) {
      const key = `${side}/${field}`
      const known = changed.get(key) ?? { field, side, count: 0 }
      known.count += 1
      changed.set(key, known)
    }
  } while (after !== null)
  for (const { field, side, count } of changed.values()) {
    const verdict = guardField({ field, side, changed: count, links }, settings.guards)
    stopIf(name, verdict, 'Nothing was written.')
  }
}

function groupOf(subject: Subject, counted: Set<string>): LinkedGroup[] {
  const { link } = subject
  if (!isPair(link) || counted.has(link.id)) return []
  counted.add(link.id)
  return [{ link, subjects: [subject], dirty: [] }]
}

/** Per pair, the fields that changed on one side and would overwrite a value of the other. */
async function changesIn(
  engine: Engine,
  mapping: MappingRuntime,
  groups: readonly LinkedGroup[],
): Promise<readonly { readonly field: string; readonly side: Side }[]> {
  const readings = await readBoth(engine, mapping, groups)
  const ready = groups.flatMap((group) => {
    const left = readings.left.get(group.link.left ?? '')
    const right = readings.right.get(group.link.right ?? '')
    if (left?.kind !== 'found' || right?.kind !== 'found') return []
    const { snapshot } = left
    const pair: Pair = {
      link: group.link,
      isNew: false,
      base: group.subjects[0]?.base ?? {},
      left: snapshot,
      right: right.snapshot,
      decisions: {},
      quarantines: [],
    }
    return [{ group, pair, priorAttempts: 0 }]
  })
  const directory = await openDirectory(engine.store, engine.pairing, {
    left: ready.map(({ pair }) => pair.left),
    right: ready.map(({ pair }) => pair.right),
  })
  const older = await olderRules(engine.store, mapping, ready)
  return ready.flatMap(({ group, pair }) =>
    overwrites(mapping, underNewRules(mapping, older.get(group.link.rules), pair, directory), directory),
  )
}

function overwrites(
  mapping: MappingRuntime,
  pair: Pair,
  { context }: Awaited<ReturnType<typeof openDirectory>>,
): { readonly field: string; readonly side: Side }[] {
  return mapping.rules.fields.flatMap((rule) => {
    const base = pair.base[rule.key]
    const isRead = SIDES.every((side) => wasRead(rule[side], pair[side].values))
    if (!base || !isRead || mapping.paused[rule.key] !== undefined) return []
    const left = rule.left.read(pair.left.values, context.left)
    const right = rule.right.read(pair.right.values, context.right)
    if (rule.agree(left, right) || base.held === pairHash(left, right)) return []
    const changed = changedSides(base, left, right)
    return SIDES.filter((side) => {
      return changed[side] && carries(rule, side) && !isBlank(side === 'left' ? right : left)
    }).map((side) => ({ field: rule.key, side }))
  })
}

export function stopIf(mapping: string, verdict: GuardVerdict | null, so: string): void {
  if (!verdict) return
  throw new GuardTripped(
    verdict.guard,
    `${mapping}: ${verdict.message}`,
    `${so} Check the CRM; if this is right, run the same command with --accept-guards.`,
  )
}
