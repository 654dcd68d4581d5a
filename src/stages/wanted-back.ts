/**
 * Overwritten references that people want back: records no longer point at what is to be written, so that nobody looks it
 * up or reads the associations for it unless told to.
 */
import type { LinkId } from '../store/links.ts'
import { linksNamed } from './directory.ts'
import type { MappingRuntime } from './engine.ts'
import { isReference } from './rule-index.ts'
import type { Pair } from './work.ts'

type Decided = Pick<Pair, 'decisions'>

export function isAnyWantedBack({ decisions }: Decided): boolean {
  return Object.values(decisions).some(({ choice, lost }) => lost?.side === choice)
}

export function linksWantedBack(mapping: MappingRuntime, pairs: readonly Decided[]): readonly LinkId[] {
  return pairs.flatMap(({ decisions }) =>
    Object.entries(decisions).flatMap(([field, { choice, lost }]) =>
      lost?.side === choice && isReference(mapping, field) ? linksNamed(lost.value) : [],
    ),
  )
}
