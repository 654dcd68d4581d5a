/**
 * A connector that only imagines its writes: they succeed, store exactly what was sent, and show in what is read
 * afterwards. The dry run delivers through it, so that a plan goes on where a pass would: to the associations of a
 * record that does not exist yet, under the name that the plan gives it.
 */
import { canonicalText, type FieldValue, type FieldValues } from '../core/value.ts'
import type { RecordId, Snapshot } from '../core/record.ts'
import type { Connector } from '../connectors/connector.ts'
import type { Reading } from '../connectors/reading.ts'
import type { WriteOutcome } from '../connectors/writing.ts'
import type { Lane } from '../core/lane.ts'
import { referencesIn } from './directory.ts'

/** A record as far as writes were imagined for it. */
interface Imagined {
  readonly isNew: boolean
  isRemoved: boolean
  /** Written values; associations as they read after the last write. */
  values: FieldValues
}

export interface Imagination {
  /** What the record is called that this write would create. */
  readonly nameOf: (writeId: string) => RecordId
  readonly now: () => number
}

export function imagined(connector: Connector, imagination: Imagination): Connector {
  const records = new Map<string, Imagined>()
  const views = new Map<Lane, Connector>()
  const viewOver = (real: Connector): Connector => {
    // What is only imagined waits for nothing.
    const view: Connector = {
      ...over(real, records, imagination),
      inLane,
      hurried: () => view,
      pressure: () => connector.pressure(),
      paceMs: () => connector.paceMs(),
    }
    return view
  }
  const inLane = (lane: Lane): Connector => {
    const view = views.get(lane) ?? viewOver(connector.inLane(lane))
    views.set(lane, view)
    return view
  }
  return viewOver(connector)
}

/** Every view reads what was written through any. */
function over(
  connector: Connector,
  records: Map<string, Imagined>,
  { nameOf, now }: Imagination,
): Omit<Connector, 'inLane' | 'hurried' | 'pressure' | 'paceMs'> {
  const keyOf = (object: string, id: RecordId) => `${object}/${id}`
  const entry = (object: string, id: RecordId): Imagined => {
    const known = records.get(keyOf(object, id)) ?? { isNew: false, isRemoved: false, values: {} }
    records.set(keyOf(object, id), known)
    return known
  }
  const isNew = (object: string, id: RecordId) => records.get(keyOf(object, id))?.isNew === true

  const seen = (snapshot: Snapshot, fields: readonly string[]): Snapshot => {
    const { object, id } = snapshot.key
    const { values = {} } = records.get(keyOf(object, id)) ?? {}
    const written = Object.fromEntries(
      fields.flatMap((field) => (field in values ? [[field, values[field] ?? null] as const] : [])),
    )
    return { ...snapshot, values: { ...snapshot.values, ...written } }
  }

  const done = (writeId: string, id: RecordId, image: FieldValues): WriteOutcome => {
    return { kind: 'done', writeId, id, image, version: null }
  }

  const read: Connector['read'] = async ({ object, ids, fields }) => {
    const readAtMs = now()
    const real = ids.filter((id) => !isNew(object, id))
    const readings = real.length === 0 ? [] : await connector.read({ object, ids: real, fields })
    const made = ids
      .filter((id) => isNew(object, id))
      .map((requestedId): Reading => {
        // `seen` puts in what was written; everything else about a new record is blank.
        const values = Object.fromEntries(fields.map((field) => [field, null]))
        const key = { connection: connector.connection, object, id: requestedId }
        return {
          kind: 'found',
          requestedId,
          snapshot: { key, values, version: null, readAtMs, evidence: {} },
        }
      })
    return [...readings, ...made].map((reading): Reading => {
      if (reading.kind !== 'found') return reading
      const { requestedId, snapshot } = reading
      const isRemoved = records.get(keyOf(object, snapshot.key.id))?.isRemoved === true
      if (isRemoved) return { kind: 'gone', requestedId, how: 'archived' }
      return { kind: 'found', requestedId, snapshot: seen(snapshot, fields) }
    })
  }

  return {
    connection: connector.connection,
    // A plan says what a pass would come to, however long that takes.
    capabilities: { ...connector.capabilities, mergesWithinMs: 0 },
    self: connector.self,
    webhooks: connector.webhooks,
    account: () => connector.account(),
    missingScopes: (request) => connector.missingScopes(request),
    users: () => connector.users(),
    describe: (object) => connector.describe(object),
    list: (request) => connector.list(request),
    changes: (request) => connector.changes(request),
    createField: (object, field) => connector.createField(object, field),
    read,

    async create(object, items) {
      return items.map(({ writeId, values }) => {
        const id = nameOf(writeId)
        records.set(keyOf(object, id), { isNew: true, isRemoved: false, values })
        return done(writeId, id, values)
      })
    },

    async update(object, items) {
      return items.map(({ writeId, id, values }) => {
        const record = entry(object, id)
        record.values = { ...record.values, ...values }
        return done(writeId, id, values)
      })
    },

    async associate(object, items) {
      const current = await read({
        object,
        ids: [...new Set(items.map(({ id }) => id))],
        fields: [...new Set(items.map(({ field }) => field))],
      })
      const found = new Map(
        current.flatMap((reading) =>
          reading.kind === 'found' ? [[reading.requestedId, reading.snapshot]] : [],
        ),
      )
      return items.map(({ writeId, id, field, add, remove }) => {
        const record = entry(object, id)
        const before = record.values[field] ?? found.get(id)?.values[field] ?? []
        const after = edited(before, { add, remove })
        record.values = { ...record.values, [field]: after }
        return done(writeId, id, { [field]: after })
      })
    },

    async remove(object, items) {
      return items.map(({ writeId, id }) => {
        entry(object, id).isRemoved = true
        return done(writeId, id, {})
      })
    },

    async find(request) {
      const found = await connector.find(request)
      return found
        .filter(({ key }) => !records.get(keyOf(key.object, key.id))?.isRemoved)
        .map((snapshot) => seen(snapshot, request.fields))
    },

    async evidence({ object, records: asked }) {
      return connector.evidence({ object, records: asked.filter(({ id }) => !isNew(object, id)) })
    },

    async history({ object, records: asked }) {
      return connector.history({ object, records: asked.filter(({ id }) => !isNew(object, id)) })
    },
  }
}

function edited(
  before: FieldValue,
  change: {
    readonly add: readonly { readonly object: string; readonly id: RecordId }[]
    readonly remove: readonly { readonly object: string; readonly id: RecordId }[]
  },
): FieldValue {
  const text = (reference: { readonly object: string; readonly id: RecordId }) =>
    canonicalText({ ...reference })
  const removed = new Set(change.remove.map(text))
  const kept = referencesIn(before).filter((reference) => !removed.has(text(reference)))
  const known = new Set(kept.map(text))
  return [...kept, ...change.add.filter((reference) => !known.has(text(reference)))].map((reference) => ({
    ...reference,
  }))
}
