/**
 * Answers of a pure function, kept for whoever asks the same again: readings that take long, of values that come again
 * and again.
 */

/** The same function, which must depend on nothing but its argument; the argument is compared as a key of a `Map`. */
export function remembered<Key, Value>(read: (key: Key) => Value, most: number): (key: Key) => Value {
  const known = new Map<Key, Value>()
  return (key) => {
    const before = known.get(key)
    if (before !== undefined) return before
    const value = read(key)
    if (known.size >= most) known.clear()
    known.set(key, value)
    return value
  }
}
