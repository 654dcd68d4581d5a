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

export function encodeBase(base: LinkBase): string {
  const same: [string, Canonical][] = []
  const rest: [string, StoredField][] = []
  for (const [key, field] of Object.entries(base)) {
    if (isBare(field)) same.push([key, field.left])
    else rest.push([key, encodeField(field)])
  }
  return JSON.stringify([Object.fromEntries(same), Object.fromEntries(rest)])
}

export function decodeBase(text: string): LinkBase {
  const [same, rest] = JSON.parse(text) as StoredBase
  const bare = Object.entries(same).map(([key, value]) => [key, decodeField({ l: value })] as const)
  const full = Object.entries(rest).map(([key, field]) => [key, decodeField(field)] as const)
  return Object.fromEntries([...bare, ...full])
}

function isBare(field: FieldBase): boolean {
  const hasFlag = field.doubt || field.held !== null || field.once || field.ring.length > 0
  return !hasFlag && isEqual(field.left, field.right)
}

function encodeField(field: FieldBase): StoredField {
  return {
    l: field.left,
    ...(isEqual(field.left, field.right) ? {} : { r: field.right }),
    ...(field.doubt ? { d: true } : {}),
    ...(field.held === null ? {} : { h: field.held }),
    ...(field.once ? { o: true } : {}),
    ...(field.ring.length === 0 ? {} : { g: field.ring.map(encodeRingEntry) }),
  }
}

function decodeField(field: StoredField): FieldBase {
  return {
    left: field.l,
    right: field.r === undefined ? field.l : field.r,
    doubt: field.d !== undefined,
    held: field.h ?? null,
    once: field.o ?? false,
    ring: (field.g ?? []).map(([pair, side, human]) => ({ pair, side, human })),
  }
}

function encodeRingEntry(entry: RingEntry): StoredRingEntry {
  return [entry.pair, entry.side, entry.human]
}
