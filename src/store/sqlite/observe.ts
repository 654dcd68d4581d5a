/** Observe: bells, polls and sweeps end here, each in one transaction with the position they were read to. */
import { dueAfterTouch, OWN_LANE, touchOf } from '../debounce.ts'
import type { ObservedChange } from '../change.ts'
import type { Reason } from '../records.ts'
import type { Observe } from '../observe.ts'
import type { Database } from './database.ts'
import { isSweeping } from './streams.ts'
import type { Tables } from './tables.ts'

export function openObserve({ look, write, writeSoon }: Database, tables: Tables): Observe {
  const { dirty, logs, records, streams } = tables

  return {
    async appendChanges({ changes, lane, stream, debounce, origins = [] }) {
      return write(() => {
        const appended = changes.filter((change) => logs.appendChange(change))
        const fresh = appended.filter((change) => !isKnown(tables, change))
        const mark = dirty.marker()
        for (const change of fresh) {
          const { mapping, atMs } = change
          const record = { side: change.side, id: change.record }
          const made = { mapping, record, reason: reasonOf(change), lane, atMs }
          if (!debounce) mark(made)
          else {
            const touch = touchOf(change)
            const earlier = logs.touchesBefore(change, debounce)
            const waiting = dirty.waiting(mapping, record, atMs)
            const settledDueMs = dueAfterTouch(debounce, { touch, nowMs: atMs, earlier, waiting })
            mark({ ...made, lane: touch === 'own' ? OWN_LANE : lane, settledDueMs })
          }
        }
        for (const noted of origins) tables.origins.put(noted)
        if (stream) streams.moveTo(stream, stream.cursor)
        return { appended: appended.length, marked: fresh.length }
      })
    },

    async stream(key) {
      return look(() => streams.get(key))
    },

    async beginSweep({ nowMs, ...key }) {
      return writeSoon(() => {
        const current = streams.get(key)
        if (isSweeping(current)) return current
        return streams.begin(key, {
          ...current,
          sweep: current.sweep + 1,
          sweepCursor: null,
          sweepStartedMs: nowMs,
          sweepDoneMs: null,
          sweepSeen: 0,
          sweepKnown: records.count(key.mapping, key.side),
        })
      })
    },

    async recordPage({ mapping, side, sightings, next, lane, nowMs }) {
      return writeSoon(() => {
        const { sweep, seen } = streams.seePage({ mapping, side }, { next, rows: sightings.length })
        const mark = dirty.marker()
        let marked = 0
        const agreed = records.see({ mapping, side, sweep }, sightings)
        for (const sighting of sightings) {
          if (agreed.get(sighting.id) === sighting.fingerprint) continue
          mark({ mapping, record: { side, id: sighting.id }, reason: 'listed', lane, atMs: nowMs })
          marked += 1
        }
        return { seen, marked }
      })
    },

    async suspects(request) {
      return look(() => dirty.suspects(request))
    },

    async endSweep({ mapping, side, suspect, lane, nowMs }) {
      return writeSoon(() => {
        const sweep = streams.finish({ mapping, side }, nowMs)
        if (!suspect) return { marked: 0 }
        const mark = dirty.marker()
        const marked = records.eachUnseen({ mapping, side, sweep }, (id) => {
          mark({ mapping, record: { side, id }, reason: 'unseen', lane, atMs: nowMs })
        })
        return { marked }
      })
    },

    async recordReads({ mapping, side, sightings }) {
      writeSoon(() => {
        const { sweep } = streams.get({ mapping, side })
        records.see({ mapping, side, sweep }, sightings)
      })
    },
  }
}

/** Our own write coming back. A removal is never that, whatever version it carries. */
function isKnown({ records }: Tables, change: ObservedChange): boolean {
  if (change.version === null || change.kind === 'removed') return false
  return records.agreedVersion(change.mapping, { side: change.side, id: change.record }) === change.version
}

function reasonOf({ kind, source }: ObservedChange): Reason {
  if (kind === 'removed') return 'archived'
  switch (source) {
    case 'poll':
      return 'polled'
    case 'sweep':
      return 'listed'
    case 'webhook':
      return 'webhook'
  }
}
