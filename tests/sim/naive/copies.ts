/** What the naive engine's creations amount to, by what the vendors hold and by whom each was made for. */
import type { HttpRequest } from '../../../src/connectors/transport.ts'
import { KINDS } from '../hands/hands.ts'
import type { Biography } from '../chronicle.ts'
import type { World } from '../world.ts'
import type { Copy } from './engine.ts'

/** A creation that was sent, whatever became of it. */
export interface Made extends Copy {
  readonly vendor: string
  readonly request: HttpRequest
}

/**
 * A record that a person entered may have one counterpart. What was made for a record that the engine itself had made,
 * or for one that had a counterpart, is a duplicate; what was made because a person had deleted the counterpart is a
 * resurrection.
 */
export function copiesIn(
  world: World,
  made: readonly Made[],
): { readonly duplicates: number; readonly resurrections: number } {
  const own = [...world.networks.keys()].flatMap((vendor) =>
    KINDS.flatMap((kind) => world.witness.biographies(vendor, kind)).filter(
      ({ chapters }) => chapters[0]?.by === 'engine',
    ),
  )
  const copies = own.flatMap((copy) => {
    const cause = causeOf(world, made, copy)
    return cause ? [{ copy, cause }] : []
  })
  const ids = new Set(own.map(({ id }) => id))
  const first = new Set<string>()
  let duplicates = 0
  let resurrections = 0
  for (const { cause } of copies) {
    const { mapping, from, source, again } = cause
    const key = `${mapping} ${from} ${source}`
    if (again) resurrections += 1
    else if (ids.has(source) || first.has(key)) duplicates += 1
    first.add(key)
  }
  return { duplicates, resurrections }
}

/** The request that had its effect in the moment when the record came to be. */
function causeOf(world: World, made: readonly Made[], { vendor, chapters }: Biography): Made | null {
  const bornMs = chapters[0]?.atMs
  const exchanges = world.networks.get(vendor)?.exchanges ?? []
  const request = exchanges.findLast(({ effectMs }) => effectMs === bornMs)?.request
  return made.find((each) => each.request === request) ?? null
}
