/**
 * Numbers for immutable values: equal values get the same number. States are stored as rows of such numbers, so
 * that a million of them fit into memory and compare quickly.
 */
export interface Pool<T> {
  of(value: T): number
  at(number: number): T
}

export function createPool<T>(): Pool<T> {
  const values: T[] = []
  const byText = new Map<string, number>()
  // Most components of a state are the very objects of the state before it.
  const byIdentity = new WeakMap<object, number>()
  return {
    of(value) {
      const isObject = typeof value === 'object' && value !== null
      const known = isObject ? byIdentity.get(value) : undefined
      if (known !== undefined) return known
      const text = JSON.stringify(value)
      let number = byText.get(text)
      if (number === undefined) {
        number = values.push(value) - 1
        byText.set(text, number)
        if (isObject) byIdentity.set(value, number)
      }
      return number
    },
    at(number) {
      const value = values[number]
      if (value === undefined) throw new Error(`there is no value ${number} in this pool`)
      return value
    },
  }
}
