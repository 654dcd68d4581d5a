/**
 * What was carried out a moment ago counts together with what is about to be (I11). Bells bring changes one by one: a
 * mass change would never show many at once, and each look would let a few through.
 */
import { guardDeletions, guardField } from '../core/guard.ts'
import { otherSide, type Side } from '../core/record.ts'
import { isBlank, isEqual } from '../core/value.ts'
import type { LinkId } from '../store/links.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { stopIf } from './guards.ts'
import type { Task } from './work.ts'

/** How long a change counts as a part of the same event. People work by hand more slowly than the guards allow. */
const LATELY_MS = 60_000

export interface LatelyGuard {
  /** Stops the pairing when this batch would carry out too much; otherwise it counts from now on. */
  check(engine: Engine, mapping: MappingRuntime, tasks: readonly Task[]): Promise<void>
  /** Deletions of the last minute. */
  removals(mapping: MappingRuntime): number
}

/** A removal, or a value of `field` that went from `side` over another one. */
interface Noted {
  readonly mapping: string
  readonly link: LinkId
  readonly overwrite: { readonly field: string; readonly side: Side } | null
  readonly atMs: number
}

/** One per process. When that dies, the first pass of the next one counts what is still to be done. */
export function latelyGuard(runtime: Engine['runtime']): LatelyGuard {
  let noted: readonly Noted[] = []
  const removals = (mapping: MappingRuntime): number => countLinks(recent(mapping), null)
  const recent = ({ rules }: MappingRuntime): readonly Noted[] => {
    noted = noted.filter((each) => runtime.now() - each.atMs < LATELY_MS)
    return noted.filter(({ mapping }) => mapping === rules.mapping)
  }
  return {
    removals,
    async check(engine, mapping, tasks) {
      const { mapping: name } = mapping.rules
      const { guards, guardsAccepted } = engine.settings
      // What a person has agreed to says nothing about what comes after it.
      if (guardsAccepted) return
      const coming = tasks.flatMap((task) => notesOf(name, task, runtime.now()))
      if (coming.length === 0) return
      const links = await engine.store.countLinks(name)
      const all = [...recent(mapping), ...coming]
      if (coming.some(({ overwrite }) => overwrite === null)) {
        stopIf(name, guardDeletions(countLinks(all, null), links, guards), 'No more was deleted.')
      }
      const overwrites = new Map(
        coming.flatMap(({ overwrite }) =>
          overwrite === null ? [] : [[`${overwrite.side}/${overwrite.field}`, overwrite] as const],
        ),
      )
      for (const overwrite of overwrites.values()) {
        const changed = countLinks(all, overwrite)
        stopIf(name, guardField({ ...overwrite, changed, links }, guards), 'No more was written.')
      }
      noted = [...noted, ...coming]
    },
  }
}

/** However often a pair was written to, it is one pair. */
function countLinks(noted: readonly Noted[], what: Noted['overwrite']): number {
  const same = noted.filter(
    ({ overwrite }) => overwrite?.field === what?.field && overwrite?.side === what?.side,
  )
  return new Set(same.map(({ link }) => link)).size
}

function notesOf(mapping: string, { queue }: Task, atMs: number): readonly Noted[] {
  return queue.flatMap((write): readonly Noted[] => {
    const note = { mapping, link: write.link, atMs }
    if (write.kind === 'remove') return [{ ...note, overwrite: null }]
    if (write.kind !== 'update') return []
    const side = otherSide(write.side)
    return Object.entries(write.fields).flatMap(([field, { before, target }]) => {
      // What two records held when they were linked was no change, and filling a blank overwrites nothing.
      const overwrites = write.base[field] !== undefined && !isBlank(before) && !isEqual(before, target)
      return overwrites ? [{ ...note, overwrite: { field, side } }] : []
    })
  })
}
