/** Reconcile: claim what is dirty, load what is known about it, commit what was decided. */
import type { RecordId, Side } from '../../core/record.ts'
import { isPair, type LinkId } from '../links.ts'
import type { Reconcile } from '../reconcile.ts'
import { applyChanges } from './apply.ts'
import { openComponents } from './components.ts'
import type { Database } from './database.ts'
import type { Tables } from './tables.ts'

export function openReconcile(database: Database, tables: Tables): Reconcile {
  const { look, read, writeSoon } = database
  const { dirty, identity, links, matchKeys, origins, subjects } = tables
  const components = openComponents(database, tables)

  return {
    async claimDirty(request) {
      return writeSoon(() => dirty.claim(request))
    },

    async nextDirty(request) {
      return read(() => dirty.next(request))
    },

    async claimRecords(request) {
      return writeSoon(() => dirty.claimRecords(request))
    },

    async dueRecords(request) {
      return read(() => dirty.dueRecords(request))
    },

    async releaseClaims() {
      writeSoon(() => dirty.releaseClaims())
    },

    async load({ mapping, records: asked }) {
      return read(() => {
        const idsOn = (side: Side) => asked.filter((record) => record.side === side).map(({ id }) => id)
        const found = {
          left: subjects.of(mapping, 'left', idsOn('left')),
          right: subjects.of(mapping, 'right', idsOn('right')),
        }
        return asked.flatMap(({ side, id }) => found[side].get(id) ?? [])
      })
    },

    async loadLinks({ links: ids }) {
      return read(() => {
        const found = links.findAllWithBase(ids)
        return ids.flatMap((id) => found.get(id) ?? [])
      })
    },

    async components(request) {
      return read(() => components(request))
    },

    async holders({ mapping, side, keys }) {
      return look(() => matchKeys.holders(mapping, side, keys))
    },

    async mergedInto({ mapping, side, ids }) {
      return read(() => identity.mergedInto(mapping, side, ids))
    },

    async linksOf({ mapping, side, ids }) {
      return read(() => {
        const currentIds = identity.resolve(mapping, side, ids)
        const found = links.ofRecords(mapping, side, [...new Set(currentIds.values())])
        return new Map(
          [...currentIds].flatMap(([askedId, id]): [RecordId, LinkId][] => {
            const link = found.get(id)
            return link && isPair(link) ? [[askedId, link.id]] : []
          }),
        )
      })
    },

    async recordsOf({ mapping, side, links: ids }) {
      return read(() => {
        const entries = [...links.findAll(ids).values()].flatMap((link): [LinkId, RecordId][] => {
          const record = link[side]
          return record !== null && link.mapping === mapping && isPair(link) ? [[link.id, record]] : []
        })
        return new Map(entries)
      })
    },

    async origins(request) {
      return look(() => origins.of(request))
    },

    async commitPlans(changes) {
      return writeSoon(() => applyChanges(database, tables, changes))
    },
  }
}
