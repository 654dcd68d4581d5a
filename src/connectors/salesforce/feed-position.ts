/** Where the change feed of one object has got to, as the text that the engine keeps. All times in epoch ms. */

export interface Position {
  /** Everything before has been reported once. */
  readonly presentMs: number
  /** Everything before has been gone over again. */
  readonly delayedMs: number
  /** Up to here the log of deletions was asked. */
  readonly purgedMs: number
  /** Of a pass under way; none between passes. */
  readonly walks: readonly Walk[]
}

export interface Walk {
  readonly object: string
  readonly kind: 'present' | 'delayed'
  readonly fromMs: number
  readonly toMs: number
  /** The last row reported; null at the beginning. Only the vendor's own comparison orders ids (11). */
  readonly after: { readonly stamp: string; readonly id: string } | null
}

export function printPosition(position: Position): string {
  return JSON.stringify(position)
}

/** Null for what is none: it was damaged, or belongs to another vendor. */
export function parsePosition(text: string): Position | null {
  try {
    const { presentMs, delayedMs, purgedMs, walks } = JSON.parse(text) as Partial<Position>
    const isWhole = [presentMs, delayedMs, purgedMs].every((ms) => typeof ms === 'number')
    return isWhole && Array.isArray(walks) ? ({ presentMs, delayedMs, purgedMs, walks } as Position) : null
  } catch {
    return null
  }
}
