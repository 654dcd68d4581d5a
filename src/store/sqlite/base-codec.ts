/**
 * The stored form of a link's base, one JSON text per link: `[same, rest]`.
 *
 * Most fields of most pairs hold equal values and no flag; `same` maps those to the bare value. `rest` holds
 * the others as objects with one-letter members, each left out at its default:
 * `l` left; `r` right (default: as left); `d` doubt (false); `h` held (null); `o` once (false);
 * `g` ring (empty), its entries as `[pair, side, human]`.
 */
import type { FieldBase, LinkBase, RingEntry } from '../../core/base.ts'
import type { Side } from '../../core/record.ts'
import { isEqual, type Canonical } from '../../core/value.ts'

type StoredRingEntry = readonly [pair: string, side: Side, human: boolean]

interface StoredField {
  readonly l: Canonical
  readonly r?: Canonical
  readonly d?: true
  readonly h?: string
  readonly o?: true
  readonly g?: readonly StoredRingEntry[]
}

type StoredBase = readonly [same: Record<string, Canonical>, rest: Record<string, StoredField>]

export function encodeBase(fields: Iterable<readonly [key: string, field: FieldBase]>): string {
  const same: Record<string, Canonical> = {}
  const rest: Record<string, StoredField> = {}
  for (const [key, field] of fields) {
    const { left, right, doubt, held, once, ring } = field
    const isSame = isEqual(left, right)
    if (isSame && !doubt && held === null && !once && ring.length === 0) same[key] = left
    else rest[key] = encodeField(field, isSame)
  }
  return JSON.stringify([same, rest])
}

export function decodeBase(text: string): LinkBase {
  const [same, rest] = JSON.parse(text) as StoredBase
  const fields: Record<string, FieldBase> = {}
  for (const key of Object.keys(same)) fields[key] = bare(same[key] ?? null)
  for (const key of Object.keys(rest)) {
    const field = rest[key]
    if (field) fields[key] = decodeField(field)
  }
  return fields
}

function encodeField({ left, right, doubt, held, once, ring }: FieldBase, isSame: boolean): StoredField {
  return {
    l: left,
    ...(!isSame && { r: right }),
    ...(doubt && { d: true }),
    ...(held !== null && { h: held }),
    ...(once && { o: true }),
    ...(ring.length > 0 && { g: ring.map(encodeRingEntry) }),
  }
}

const NO_RING: readonly RingEntry[] = []

function bare(value: Canonical): FieldBase {
  return { left: value, right: value, doubt: false, held: null, once: false, ring: NO_RING }
}

function decodeField(field: StoredField): FieldBase {
  return {
    left: field.l,
    right: field.r === undefined ? field.l : field.r,
    doubt: field.d !== undefined,
    held: field.h ?? null,
    once: field.o ?? false,
    ring: field.g === undefined ? NO_RING : field.g.map(([pair, side, human]) => ({ pair, side, human })),
  }
}

function encodeRingEntry(entry: RingEntry): StoredRingEntry {
  return [entry.pair, entry.side, entry.human]
}
