/** A record as HubSpot's answers show it, in plain data, reduced to the parts that we use. */

export type WireValues = Readonly<Record<string, string | null>>

export interface WireRecord {
  readonly id: string
  readonly properties: WireValues
  /** ISO text with milliseconds, so that texts order like the instants; null when HubSpot gave none. */
  readonly updatedAt: string | null
  /** Echo of the trace id sent with a write, where HubSpot returns it. */
  readonly traceId: string | null
  /** False where an upsert met an existing record, and in answers that do not say. */
  readonly isNew: boolean
  /** Per property, newest first; only where asked for. */
  readonly history: Readonly<Record<string, readonly WireVersion[]>>
  /** Per object name as HubSpot spells it; only where asked for, and only objects with any. */
  readonly associations: Readonly<Record<string, WireAssociations>>
}

export interface WireVersion {
  readonly value: string
  readonly at: string | null
  readonly sourceType: string
  readonly sourceId: string | null
  readonly userId: string | null
}

export interface WireAssociations {
  readonly targets: readonly { readonly id: string; readonly type: string }[]
  /** False when there are more than the list shows. */
  readonly complete: boolean
}

/** As an answer holds it, or as the client's generated code has made it: then times are dates. */
export interface RawRecord {
  readonly id: string
  readonly properties?: WireValues
  readonly updatedAt?: Date | string
  readonly objectWriteTraceId?: string
  readonly _new?: boolean
  readonly propertiesWithHistory?: Readonly<Record<string, readonly RawVersion[]>>
  readonly associations?: Readonly<
    Record<string, { results: readonly { id: string; type: string }[]; paging?: { next?: unknown } }>
  >
}

interface RawVersion {
  readonly value?: string
  readonly timestamp?: Date | string
  readonly sourceType: string
  readonly sourceId?: string
  readonly updatedByUserId?: number
}

export function wireRecord(record: RawRecord): WireRecord {
  const associations = Object.entries(record.associations ?? {}).map(([object, { results, paging }]) => [
    object,
    {
      targets: results.map(({ id, type }) => ({ id: String(id), type })),
      complete: !paging?.next,
    },
  ])
  return {
    id: String(record.id),
    properties: record.properties ?? {},
    updatedAt: isoText(record.updatedAt),
    traceId: record.objectWriteTraceId ?? null,
    isNew: record._new ?? false,
    history: Object.fromEntries(
      Object.entries(record.propertiesWithHistory ?? {}).map(([name, versions]) => [
        name,
        versions.map(wireVersion),
      ]),
    ),
    associations: Object.fromEntries(associations),
  }
}

function wireVersion(version: RawVersion): WireVersion {
  return {
    value: version.value ?? '',
    at: isoText(version.timestamp),
    sourceType: version.sourceType,
    sourceId: version.sourceId ?? null,
    userId: version.updatedByUserId === undefined ? null : String(version.updatedByUserId),
  }
}

/** A missing or odd time must not become an exception here. */
function isoText(time: Date | string | undefined): string | null {
  if (time === undefined) return null
  const date = new Date(time)
  return Number.isNaN(date.getTime()) ? null : date.toISOString()
}
