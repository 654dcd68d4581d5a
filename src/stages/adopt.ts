/**
 * A record and the counterpart that was found for it become a pair, unless that one is busy, taken, or outside the scope by now.
 */
import type { Change } from '../store/change.ts'
import { isKept, isPair, type Link } from '../store/links.ts'
import type { RecordRef } from '../store/records.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { formerBase } from './former-pair.ts'
import { idOn, linkJournal } from './link-changes.ts'
import type { Loner } from './loners.ts'
import type { Prospects } from './prospects.ts'
import { onReappeared } from './vanish.ts'
import { refKey, type LinkedGroup, type Pair, type Ready } from './work.ts'

/** Null: not now. */
export async function adopt(
  engine: Engine,
  mapping: MappingRuntime,
  loner: Loner,
  { far, because }: { readonly far: RecordRef; readonly because: string },
  batch: readonly Loner[],
  prospects: Prospects,
): Promise<{ ready: Ready; changes: readonly Change[] } | null> {
  const inBatch = batch.find((other) => refKey(other.subject) === refKey(far))
  const snapshot = prospects.snapshots.get(refKey(far))
  const subject = inBatch?.subject ?? prospects.subjects.get(refKey(far)) ?? null
  if (!snapshot || snapshot.key.id !== far.id || !mapping.rules.inScope[far.side](snapshot.values))
    return null
  // A creation for it is under way, and its outcome is not known: first that, then this.
  if (subject?.openIntent) return null
  // It was free when the match was found, and has got its counterpart since.
  if (isPair(subject?.link ?? null)) return null
  const { mapping: name, version } = mapping.rules
  const [left, right] = far.side === 'right' ? [loner.snapshot, snapshot] : [snapshot, loner.snapshot]
  const half = loner.subject.link
  const place = placeOf(engine, mapping, far, subject?.link ?? null, half)
  const link = {
    id: place.link?.id ?? engine.runtime.id(),
    mapping: name,
    left: left.key.id,
    right: right.key.id,
    state: 'live' as const,
    rules: version,
    versions: { left: left.version, right: right.version },
  }
  const ended = [
    { link: loner.former, base: loner.subject.base },
    { link: inBatch?.former ?? subject?.link ?? null, base: subject?.base ?? {} },
  ]
  const base = await formerBase(engine, mapping, ended, { left, right })
  const pair: Pair = { link, isNew: true, base, left, right, decisions: {}, quarantines: [] }
  const { rules, versions } = link
  const { side, id } = loner.subject
  const changes: Change[] = [
    ...place.changes,
    place.link
      ? {
          kind: 'set-link',
          link: link.id,
          epoch: place.link.epoch,
          left: link.left,
          right: link.right,
          state: 'live',
          rules,
          versions,
        }
      : { kind: 'put-link', link },
    ...(Object.keys(base).length > 0 ? [{ kind: 'set-base', link: link.id, fields: base } as const] : []),
    ...[loner.subject, far].flatMap((record): Change[] => [
      { kind: 'drop-review', mapping: name, record },
      { kind: 'release', mapping: name, record },
      {
        kind: 'release-waiting',
        targetMapping: name,
        side: record.side,
        target: record.id,
        atMs: engine.runtime.now(),
      },
    ]),
    linkJournal(engine, mapping, {
      link,
      from: place.link,
      to: link,
      kind: 'link',
      side,
      record: id,
      because,
    }),
  ]
  const group: LinkedGroup = {
    link: { ...link, epoch: place.link?.epoch ?? 0 },
    subjects: [loner.subject, ...(subject ? [subject] : [])],
    dirty: [...loner.dirty, ...(inBatch?.dirty ?? [])],
  }
  return { ready: { group, pair, priorAttempts: 0 }, changes }
}

/**
 * The link to use for a new pair. Each record may bring one: half a link of a creation that did not come about,
 * or its old place in a pair that ended. One half is completed, everything else gives its record free first.
 */
function placeOf(
  engine: Engine,
  mapping: MappingRuntime,
  far: RecordRef,
  farLink: Link | null,
  half: Link | null,
): { readonly link: Link | null; readonly changes: readonly Change[] } {
  if (farLink === null) return { link: half, changes: [] }
  if (!isKept(farLink)) return { link: half, changes: onReappeared(engine, mapping, farLink, far) }
  if (half === null) return { link: farLink, changes: [] }
  return {
    link: half,
    changes: [
      {
        kind: 'set-link',
        link: farLink.id,
        epoch: farLink.epoch,
        state: 'unlinked',
        ...idOn(far.side, null),
      },
    ],
  }
}
