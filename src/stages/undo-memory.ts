/** What an undo learned on its way, so that nothing is tried for ever. It lives as long as the process. */
import type { Side } from '../core/record.ts'
import { isList, type Canonical } from '../core/value.ts'
import type { LinkId } from '../store/links.ts'
import type { JournalEntry } from '../store/writes.ts'

/** Tries of one write that the CRM did not take although it may another time. */
const TRIES_MAX = 3

export interface UndoMemory {
  /** Why a write is not tried again: `what` is a field key, `create`, `remove` or `stamp`. Null while it may be. */
  givenUp(link: LinkId, side: Side, what: string): string | null
  /** How often it was tried in vain. */
  tries(link: LinkId, side: Side, what: string): number
  /** The write was sent: once it arrived, wanting it again means that the CRM keeps another value. */
  arrived(link: LinkId, side: Side, what: string): void
  failed(link: LinkId, side: Side, what: string, failure: { reason: string; isFinal: boolean }): void
  /** Whether this undo made the record of this side anew. */
  hasBroughtBack(link: LinkId, side: Side): boolean
  /** What this undo wrote, before it was cut off as well. */
  note(journal: readonly JournalEntry[]): void
  /**
   * A reference as it reads on this side after this undo took records away: CRMs drop what pointed at them, and that
   * is nobody's edit.
   */
  afterTakingAway(reference: Canonical, side: Side): Canonical
}

export function undoMemory(): UndoMemory {
  const tries = new Map<string, { count: number; reason: string }>()
  const broughtBack = new Set<string>()
  const takenAway = new Set<string>()
  const keyOf = (link: LinkId, side: Side, what: string) => `${link}/${side}/${what}`
  return {
    givenUp(link, side, what) {
      const known = tries.get(keyOf(link, side, what))
      return known && known.count >= TRIES_MAX ? known.reason : null
    },
    tries: (link, side, what) => tries.get(keyOf(link, side, what))?.count ?? 0,
    arrived(link, side, what) {
      const reason = 'the CRM keeps another value than was written back'
      tries.set(keyOf(link, side, what), { count: TRIES_MAX, reason })
    },
    failed(link, side, what, { reason, isFinal }) {
      const count = isFinal ? TRIES_MAX : (tries.get(keyOf(link, side, what))?.count ?? 0) + 1
      tries.set(keyOf(link, side, what), { count, reason })
    },
    hasBroughtBack: (link, side) => broughtBack.has(`${link}/${side}`),
    note(journal) {
      for (const { kind, link, side } of journal) {
        if (kind === 'create') broughtBack.add(`${link}/${side}`)
        if (kind === 'remove') takenAway.add(`${link}/${side}`)
      }
    },
    afterTakingAway(reference, side) {
      const isThere = (link: Canonical) => !(typeof link === 'string' && takenAway.has(`${link}/${side}`))
      if (!isList(reference)) return isThere(reference) ? reference : null
      const staying = reference.filter(isThere)
      return staying.length === 0 ? null : staying
    },
  }
}
