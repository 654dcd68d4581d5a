/** What is known of a pair that ended with a deletion, when the deleted record is taken out of the bin. */
import type { LinkBase } from '../core/base.ts'
import type { Both, Snapshot } from '../core/record.ts'
import { SEPARATED, type Link } from '../store/links.ts'
import type { Subject } from '../store/records.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { identityIn, type Identity } from './link-changes.ts'
import { isReference } from './rule-index.ts'

/** Steps of one link that are read to find the one that ended the pair. */
const STEPS_MAX = 20

/**
 * What two records agreed on when they were a pair before. It goes on from there (algorithms 2.7): what somebody typed or
 * cleared meanwhile is an edit, and no blank to be filled. Of references nothing is kept, since a bin need not give
 * them back. Empty where the two were no pair, or under other rules. `ended`: pairs that one of them was in.
 */
export async function formerBase(
  engine: Engine,
  mapping: MappingRuntime,
  ended: readonly Pick<Subject, 'link' | 'base'>[],
  { left, right }: Both<Snapshot>,
): Promise<LinkBase> {
  for (const { link, base } of ended) {
    if (link?.rules !== mapping.rules.version) continue
    const former = await formerPair(engine, link)
    if (former?.left === left.key.id && former.right === right.key.id) return withoutReferences(mapping, base)
  }
  return {}
}

/** Who the records of a link were before it ended; null where it did not, or nobody knows any more. */
export async function formerPair({ store }: Engine, link: Link): Promise<Identity | null> {
  if (!SEPARATED.some((state) => state === link.state)) return null
  const { journal } = await store.history({ link: link.id, limit: STEPS_MAX })
  const end = journal.find(({ kind, before }) => kind === 'unlink' && before['state'] !== link.state)
  return end ? identityIn(end.before) : null
}

/** The conflicts of the old pair were closed with it: on the same values, they are opened anew. */
function withoutReferences(mapping: MappingRuntime, base: LinkBase): LinkBase {
  const keys = mapping.rules.fields.map(({ key }) => key).filter((key) => !isReference(mapping, key))
  return Object.fromEntries(keys.flatMap((key) => (base[key] ? [[key, { ...base[key], held: null }]] : [])))
}
