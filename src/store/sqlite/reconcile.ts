/** Reconcile: claim what is dirty, load what is known about it, commit what was decided. */
import type { RecordId } from '../../core/record.ts'
import type { LinkId, RecordRef, Store, Subject } from '../store.ts'
import { applyChanges } from './apply.ts'
import { openComponents } from './components.ts'
import type { Database } from './database.ts'
import { isPair } from './links.ts'
import type { Tables } from './tables.ts'

type Reconcile = Pick<
  Store,
  | 'claimDirty'
  | 'claimRecords'
  | 'releaseClaims'
  | 'load'
  | 'loadLinks'
  | 'components'
  | 'holders'
  | 'linksOf'
  | 'recordsOf'
  | 'commitPlans'
>

export function openReconcile({ orm, read, write }: Database, tables: Tables): Reconcile {
  const { conflicts, dirty, identity, intents, links, records, setAside } = tables
  const components = openComponents(orm, tables)

  function load(mapping: string, asked: RecordRef): Subject {
    const { side } = asked
    const record: RecordRef = { side, id: identity.resolve(mapping, asked) }
    const found = links.ofRecordWithBase(mapping, record)
    return {
      ...record,
      askedId: asked.id,
      link: found?.link ?? null,
      base: found?.base ?? {},
      openIntent: found ? intents.ofLink(found.link.id) : null,
      suppressed: identity.suppressedBecause(mapping, record),
      quarantine: setAside.quarantineOf(mapping, record),
      agreed: records.agreedFingerprint(mapping, record),
      decisions: found ? conflicts.decisions(found.link.id) : {},
    }
  }

  return {
    async claimDirty(request) {
      return write(() => dirty.claim(request))
    },

    async claimRecords(request) {
      return write(() => dirty.claimRecords(request))
    },

    async releaseClaims() {
      write(() => dirty.releaseClaims())
    },

    async load({ mapping, records }) {
      return read(() => records.map((record) => load(mapping, record)))
    },

    async loadLinks({ links: ids }) {
      return read(() => ids.flatMap((id) => links.findWithBase(id) ?? []))
    },

    async components(request) {
      return read(() => components(request))
    },

    async holders({ mapping, side, keys }) {
      return read(() => {
        const found = new Map<string, readonly RecordId[]>()
        for (const key of new Set(keys)) {
          const ids = records.holders(mapping, side, key)
          if (ids.length > 0) found.set(key, ids)
        }
        return found
      })
    },

    async linksOf({ mapping, side, ids }) {
      return read(() => {
        const found = new Map<RecordId, LinkId>()
        for (const id of ids) {
          const link = links.ofRecord(mapping, { side, id: identity.resolve(mapping, { side, id }) })
          if (link && isPair(link)) found.set(id, link.id)
        }
        return found
      })
    },

    async recordsOf({ mapping, side, links: ids }) {
      return read(() => {
        const found = new Map<LinkId, RecordId>()
        for (const id of ids) {
          const link = links.find(id)
          const record = link?.[side]
          if (link && record && link.mapping === mapping && isPair(link)) found.set(id, record)
        }
        return found
      })
    },

    async commitPlans(changes) {
      return write(() => applyChanges(tables, changes))
    },
  }
}
