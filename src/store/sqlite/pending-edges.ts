/** References whose target has no link yet, and who waits for it (algorithms 4). */
import { and, eq } from 'drizzle-orm'
import type { Change } from '../change.ts'
import type { LinkId } from '../links.ts'
import { arg, orm, statement, type Statements } from './statements.ts'
import { pendingEdge } from './schema.ts'

type AwaitTargets = Extract<Change, { kind: 'await-targets' }>
type ReleaseWaiting = Omit<Extract<Change, { kind: 'release-waiting' }>, 'kind'>

const dropOfField = statement(() =>
  orm
    .delete(pendingEdge)
    .where(
      and(
        eq(pendingEdge.link, arg('link')),
        eq(pendingEdge.field, arg('field')),
        eq(pendingEdge.side, arg('side')),
      ),
    )
    .prepare(),
)
const insert = statement(() =>
  orm
    .insert(pendingEdge)
    .values({
      targetMapping: arg('targetMapping'),
      side: arg('side'),
      target: arg('target'),
      link: arg('link'),
      field: arg('field'),
    })
    .onConflictDoNothing()
    .prepare(),
)
const dropOfTarget = statement(() =>
  orm
    .delete(pendingEdge)
    .where(
      and(
        eq(pendingEdge.targetMapping, arg('targetMapping')),
        eq(pendingEdge.side, arg('side')),
        eq(pendingEdge.target, arg('target')),
      ),
    )
    .returning({ link: pendingEdge.link })
    .prepare(),
)
const anyone = statement(() => orm.select({ link: pendingEdge.link }).from(pendingEdge).limit(1).prepare())

export function openPendingEdges(db: Statements) {
  return {
    /** For one transaction. Mostly nobody waits for anything, which is asked once instead of for every record. */
    changes() {
      let isEmpty: boolean | null = null
      const nobodyWaits = () => (isEmpty ??= db.get(anyone) === undefined)
      return {
        replace({ link, field, sides, edges }: AwaitTargets): void {
          if (!nobodyWaits()) for (const side of sides) db.run(dropOfField, { link, field, side })
          for (const { targetMapping, side, target } of edges) {
            db.run(insert, { targetMapping, side, target, link, field })
            isEmpty = false
          }
        },

        /** Removes the edges to this target and returns the links that waited for it. */
        take({ targetMapping, side, target }: ReleaseWaiting): ReadonlySet<LinkId> {
          if (nobodyWaits()) return new Set()
          return new Set(db.all(dropOfTarget, { targetMapping, side, target }).map((edge) => edge.link))
        },
      }
    },

    /** Links with at least one pending edge. */
  }
}
