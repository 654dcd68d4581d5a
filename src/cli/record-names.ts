/**
 * Who the records behind ids are: what was last known of the fields by which their mapping recognises records. For what a
 * person reads only; logs keep to ids.
 */
import { SIDES, type Both, type Side } from '../core/record.ts'
import { isBlank } from '../core/value.ts'
import type { Link, LinkId } from '../store/links.ts'
import type { RecordRef } from '../store/records.ts'
import type { Store } from '../store/store.ts'
import type { FieldIndex } from './field-index.ts'
import { oneLine, valueText } from './value-text.ts'

type Named = RecordRef & { readonly mapping: string }

/** `null` where nothing is known that a person would recognise the record by. */
export type NameOf = (record: Named) => string | null

export interface RecordNames {
  readonly of: NameOf
  /** Of the two records of a pair that was asked for. */
  readonly ofPair: (link: LinkId) => Both<string | null>
}

type Recognises = Pick<FieldIndex, 'recognisedBy'>

/** Links and records asked for in one transaction. */
const PAGE = 500

export interface WantedNames {
  /** Pairs whose two records are to be named. */
  readonly links: readonly LinkId[]
  /** Records that may have no pair. */
  readonly records: readonly Named[]
}

export async function recordNames(
  store: Store,
  index: Recognises,
  wanted: WantedNames,
): Promise<RecordNames> {
  const names = new Map<string, string>()
  const members = new Map<LinkId, readonly Named[]>()
  const unnamed = new Map(wanted.records.map((record) => [keyOf(record), record]))
  for (const ids of pages([...new Set(wanted.links)])) {
    for (const { link, base } of await store.loadLinks({ links: ids })) {
      const fields = index.recognisedBy(link.mapping).flatMap(({ field }) => field ?? [])
      const pair = recordsOf(link)
      members.set(link.id, pair)
      for (const record of pair) {
        const name = firstText(fields.map((field) => base[field]?.[record.side] ?? null).map(textOf))
        if (name !== null) names.set(keyOf(record), name)
        else unnamed.set(keyOf(record), record)
      }
    }
  }
  const records = [...unnamed.values()].filter((record) => !names.has(keyOf(record)))
  for (const page of pages(records)) {
    for (const [place, keys] of (await store.matchKeys(page)).entries()) {
      const record = page[place]
      const rules = record ? index.recognisedBy(record.mapping) : []
      const name = firstText(rules.map(({ rule }) => keyText(keys, rule)))
      if (record && name !== null) names.set(keyOf(record), name)
    }
  }
  const of: NameOf = (record) => names.get(keyOf(record)) ?? null
  const ofPair = (link: LinkId) => {
    const on = (side: Side) => {
      const record = members.get(link)?.find((each) => each.side === side)
      return record ? of(record) : null
    }
    return { left: on('left'), right: on('right') }
  }
  return { of, ofPair }
}

/** One name for two records: both of them only where they differ. `sides`: what the CRMs are called. */
export function pairName({ left, right }: Both<string | null>, sides: Both<string>): string | null {
  if (left === null || right === null || left === right) return left ?? right
  return `${left} (${sides.right}: ${right})`
}

function recordsOf(link: Link): readonly Named[] {
  return SIDES.flatMap((side) => {
    const id = link[side]
    return id === null ? [] : [{ mapping: link.mapping, side, id }]
  })
}

function textOf(value: Parameters<typeof valueText>[0]): string {
  return isBlank(value) ? '' : valueText(value)
}

/** A record may have several addresses; the first one will do. */
function keyText(keys: readonly string[], rule: number): string {
  const own = keys.find((key) => key.startsWith(`${rule}:`))
  return own === undefined ? '' : oneLine(own.slice(own.indexOf(':') + 1))
}

function firstText(texts: readonly string[]): string | null {
  return texts.find((text) => text !== '') ?? null
}

function keyOf({ mapping, side, id }: Named): string {
  return JSON.stringify([mapping, side, id])
}

function* pages<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < all.length; start += PAGE) yield all.slice(start, start + PAGE)
}
