/** Operate: what people and commands ask, and the decisions they hand back. */
import { SIDES } from '../../core/record.ts'
import type { Backlog, Operate } from '../operate.ts'
import { recordOf } from './apply.ts'
import { hasValues } from './conflicts.ts'
import type { Quarantine } from '../waiting.ts'
import type { Database } from './database.ts'
import type { Tables } from './tables.ts'

const NO_BACKLOG: Backlog = { due: 0, postponed: 0, nextDueMs: null, nextRetryMs: null }

export function openOperate({ look, read, write }: Database, tables: Tables): Operate {
  const { conflicts, counts, dirty, identity, links, logs, matchKeys, records, setAside } = tables

  return {
    async status(nowMs, mappings) {
      return read(() => counts.of(nowMs, mappings))
    },

    async backlog({ mapping, ...request }) {
      return look(() => dirty.backlogs({ ...request, mappings: [mapping] })).get(mapping) ?? NO_BACKLOG
    },

    async backlogs(request) {
      return look(() => dirty.backlogs(request))
    },

    async dueTimes(request) {
      return look(() => dirty.dueTimes(request))
    },

    async conflicts(request) {
      return read(() => conflicts.list(request))
    },

    async conflict(id) {
      return read(() => conflicts.find(id))
    },

    async decideConflict({ id, choice, expect, atMs }) {
      return write(() => {
        const conflict = conflicts.find(id)
        if (!conflict) return 'unknown'
        if (conflict.state !== 'open' || !hasValues(conflict, expect)) return 'stale'
        conflicts.decide(id, choice)
        const link = links.find(conflict.link)
        const record = link && recordOf(link)
        const { mapping } = conflict
        if (record) dirty.marker()({ mapping, record, reason: 'manual', lane: 0, atMs })
        return 'decided'
      })
    },

    async reviews(limit) {
      return read(() => setAside.reviews(limit))
    },

    async quarantined(limit) {
      return read(() => setAside.quarantined(limit))
    },

    async keptAlone(request) {
      return read(() => identity.keptAlone(request))
    },

    async unpaired(record) {
      return read(() => ({ ...setAside.about(record), keptAlone: identity.keptAloneAs(record) }))
    },

    async retryQuarantined({ mapping, nowMs, isDue }) {
      return write(() => {
        const marked: Quarantine[] = []
        const mark = dirty.marker()
        setAside.eachQuarantined(mapping, (entry) => {
          if (!isDue(entry)) return
          // Already waiting for its turn: marking it again at every tick would keep it from ever settling.
          if (dirty.has(mapping, entry.record)) return
          mark({ mapping, record: entry.record, reason: 'retry', lane: 1, atMs: nowMs })
          marked.push(entry)
        })
        return marked
      })
    },

    async matchKeys(asked) {
      return read(() => {
        const rows = asked.map(({ mapping, side, id }) => records.rowOf(mapping, { side, id }))
        const found = matchKeys.of(rows.filter((row) => row !== null))
        return rows.map((row) => (row === null ? [] : (found.get(row) ?? [])))
      })
    },

    async findLinks(record) {
      return read(() => {
        const ids = [...identity.resolveAnywhere(record)]
        const found = SIDES.flatMap((side) => ids.flatMap((id) => links.holding(side, id)))
        return [...new Map(found.map((link) => [link.id, link])).values()]
      })
    },

    async formerLinks(record) {
      return read(() => [...links.findAll(logs.linksNaming(record)).values()])
    },

    async history({ link: id, limit }) {
      return read(() => {
        const link = links.find(id)
        return {
          journal: logs.journalOf(id, limit),
          conflicts: conflicts.ofLink(id, limit),
          changes: link ? logs.changesOf(link, limit) : [],
        }
      })
    },

    async countLinks(mapping) {
      return look(() => links.count(mapping))
    },
  }
}
