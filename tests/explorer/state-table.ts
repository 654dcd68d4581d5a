/** The set of states seen so far: rows of numbers in one growing array, found by open addressing. */
const EMPTY = -1

export interface StateTable {
  /** Index of the row; `isNew` when it was not there before. */
  add(row: readonly number[]): { readonly index: number; readonly isNew: boolean }
  at(index: number): readonly number[]
  readonly size: number
}

export function createStateTable(width: number): StateTable {
  let rows = new Int32Array(width * 1024)
  let slots = new Int32Array(4096).fill(EMPTY)
  let size = 0

  const isRow = (index: number, row: readonly number[]): boolean => {
    const from = index * width
    for (let i = 0; i < width; i += 1) if (rows[from + i] !== row[i]) return false
    return true
  }

  const slotOf = (row: ArrayLike<number>, from: number, isHere: (index: number) => boolean): number => {
    const mask = slots.length - 1
    let slot = hashRow(row, from, width) & mask
    for (;;) {
      const index = slots[slot] ?? EMPTY
      if (index === EMPTY || isHere(index)) return slot
      slot = (slot + 1) & mask
    }
  }

  const grow = (): void => {
    slots = new Int32Array(slots.length * 2).fill(EMPTY)
    for (let index = 0; index < size; index += 1) {
      slots[slotOf(rows, index * width, () => false)] = index
    }
  }

  return {
    add(row) {
      const slot = slotOf(row, 0, (index) => isRow(index, row))
      const known = slots[slot] ?? EMPTY
      if (known !== EMPTY) return { index: known, isNew: false }
      const index = size
      if ((index + 1) * width > rows.length) {
        const larger = new Int32Array(rows.length * 2)
        larger.set(rows)
        rows = larger
      }
      rows.set(row, index * width)
      slots[slot] = index
      size += 1
      // Half full at most, so that probes stay short.
      if (size * 2 > slots.length) grow()
      return { index, isNew: true }
    },
    at: (index) => Array.from(rows.subarray(index * width, (index + 1) * width)),
    get size() {
      return size
    },
  }
}

/** FNV-1a over the numbers, with a final mix so that the low bits depend on all of them. */
function hashRow(row: ArrayLike<number>, from: number, width: number): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < width; i += 1) hash = Math.imul(hash ^ (row[from + i] ?? 0), 0x01000193)
  hash ^= hash >>> 15
  hash = Math.imul(hash, 0x2c1b3c6d)
  return (hash ^ (hash >>> 12)) >>> 0
}
