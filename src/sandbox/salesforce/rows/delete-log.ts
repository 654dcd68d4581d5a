/** What `getDeleted` answers from: a log beside the rows, which it outlives (Salesforce fact sheet 12). */

export interface LoggedDeletion {
  readonly id: string
  readonly object: string
  /** Epoch ms. */
  readonly at: number
}

/** How far back the log can be asked. */
export const LOG_MS = 15 * 86_400_000

export class DeleteLog {
  /** Earliest first. */
  private entries: LoggedDeletion[] = []

  add(deletion: LoggedDeletion): void {
    this.entries.push(deletion)
    const first = this.entries.findIndex(({ at }) => at > deletion.at - LOG_MS)
    // In steps, as moving the whole list for every entry would take long.
    if (first > 1_000) this.entries = this.entries.slice(first)
  }

  /** A record that came back is no deletion any more. */
  forget(id: string): void {
    this.entries = this.entries.filter((entry) => entry.id !== id)
  }

  /** From `start` on, before `end`. */
  between(object: string, start: number, end: number): readonly LoggedDeletion[] {
    return this.entries.filter((entry) => entry.object === object && entry.at >= start && entry.at < end)
  }

  save(): readonly LoggedDeletion[] {
    return this.entries
  }

  load(saved: unknown): void {
    this.entries = [...(saved as LoggedDeletion[])]
  }
}
