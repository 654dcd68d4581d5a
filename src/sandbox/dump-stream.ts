/** Writes ground truth as JSON piece by piece: a dump of 100,000 records should not need its size in memory twice. */
import type { Dump } from './model.ts'

/** Characters per piece: large enough that the socket, not the bookkeeping, sets the pace. */
const PIECE = 64 * 1024

/**
 * `{ vendor: { object: { id: record } } }`, all objects or only `object`. Vendors without that object show as
 * empty, so that a caller can tell "no records" from "no such vendor".
 */
export function* dumpAsJson(dumps: Readonly<Record<string, Dump>>, object: string | null): Generator<string> {
  let piece = ''
  for (const token of tokens(dumps, object)) {
    piece += token
    if (piece.length >= PIECE) {
      yield piece
      piece = ''
    }
  }
  yield piece
}

function* tokens(dumps: Readonly<Record<string, Dump>>, only: string | null): Generator<string> {
  yield* members(Object.entries(dumps), function* (dump) {
    const objects = Object.entries(dump).filter(([name]) => only === null || name === only)
    yield* members(objects, function* (records) {
      yield* members(Object.entries(records), function* (record) {
        yield JSON.stringify(record)
      })
    })
  })
}

function* members<T>(
  entries: readonly (readonly [string, T])[],
  value: (item: T) => Generator<string>,
): Generator<string> {
  yield '{'
  let separator = ''
  for (const [name, item] of entries) {
    yield `${separator}${JSON.stringify(name)}:`
    yield* value(item)
    separator = ','
  }
  yield '}'
}
