/** A growing list of 32-bit numbers: millions of them in a few megabytes. */
export class Numbers {
  #items = new Int32Array(1024)
  #size = 0

  get size(): number {
    return this.#size
  }

  push(item: number): void {
    if (this.#size === this.#items.length) {
      const larger = new Int32Array(this.#items.length * 2)
      larger.set(this.#items)
      this.#items = larger
    }
    this.#items[this.#size] = item
    this.#size += 1
  }

  at(index: number): number {
    return this.#items[index] ?? 0
  }

  set(index: number, item: number): void {
    this.#items[index] = item
  }
}
