/** What the org does later by itself: data, so that a snapshot can hold it; `run-chore.ts` knows what each means. */

export type Chore =
  /** A transaction commits: its rows become visible. */
  | { readonly kind: 'commit'; readonly transaction: string }
  /** The next step of a bulk job. */
  | { readonly kind: 'bulk'; readonly job: string }
  /** The recycle bin lets go of rows. */
  | { readonly kind: 'purge' }

export interface DueChore {
  /** Epoch ms. */
  readonly at: number
  readonly chore: Chore
}

export class Chores {
  /** Latest first, so that the next one is at the end. */
  private waiting: DueChore[] = []

  add(at: number, chore: Chore): void {
    // Equal times come out in the order they went in.
    const index = this.waiting.findIndex((entry) => entry.at <= at)
    this.waiting.splice(index < 0 ? this.waiting.length : index, 0, { at, chore })
  }

  /** The earliest chore that is due, removed. */
  take(now: number): DueChore | undefined {
    const next = this.waiting.at(-1)
    return next !== undefined && next.at <= now ? this.waiting.pop() : undefined
  }

  has(kind: Chore['kind']): boolean {
    return this.waiting.some(({ chore }) => chore.kind === kind)
  }

  save(): readonly DueChore[] {
    return this.waiting
  }

  load(saved: unknown): void {
    this.waiting = [...(saved as DueChore[])]
  }
}
