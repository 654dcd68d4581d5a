/** Whether what a transaction was decided on still holds. One read per mapping and side, whatever the number of records. */
import { SIDES, type RecordId, type Side } from '../../core/record.ts'
import type { Change } from '../change.ts'
import { isPair, LinkTaken } from '../links.ts'
import type { Tables } from './tables.ts'

type Expect = Extract<Change, { kind: 'expect' }>

/** Throws `LinkTaken` for the first record that is not as it was. */
export function refuseOverruled({ identity, links }: Tables, changes: readonly Change[]): void {
  const expected = changes.filter((change): change is Expect => change.kind === 'expect')
  if (expected.length === 0) return
  const paired = new Map<string, ReadonlySet<RecordId>>()
  for (const mapping of new Set(expected.flatMap((each) => each.mappings))) {
    for (const side of SIDES) {
      const own = expected.filter((each) => each.record.side === side && each.mappings.includes(mapping))
      paired.set(
        keyOf(mapping, side),
        pairedOf(
          mapping,
          side,
          own.map(({ record }) => record.id),
        ),
      )
    }
  }
  for (const { record, mappings, to } of expected) {
    const isPaired = mappings.some((mapping) => paired.get(keyOf(mapping, record.side))?.has(record.id))
    if (isPaired !== (to === 'pair')) throw new LinkTaken(`of ${record.side} ${record.id}`)
  }

  function pairedOf(mapping: string, side: Side, asked: readonly RecordId[]): ReadonlySet<RecordId> {
    const current = identity.resolve(mapping, side, asked)
    const found = links.ofRecords(mapping, side, [...new Set(current.values())])
    return new Set(
      asked.filter((id) => {
        const link = found.get(current.get(id) ?? id)
        return isPair(link ?? null)
      }),
    )
  }
}

function keyOf(mapping: string, side: Side): string {
  return `${mapping}/${side}`
}
