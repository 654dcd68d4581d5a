/** The nearest of a few known names, for hints on typing mistakes. */

/** The candidate within a third of the word's length in typing slips, or null. Case never counts. */
export function nearest(word: string, candidates: Iterable<string>): string | null {
  const limit = Math.max(1, Math.floor(word.length / 3))
  let best: { readonly name: string; readonly slips: number } | null = null
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) > limit) continue
    const slips = typingSlips(word.toLowerCase(), candidate.toLowerCase())
    if (slips <= limit && (best === null || slips < best.slips)) best = { name: candidate, slips }
  }
  return best?.name ?? null
}

/** "did you mean `x`?", or the alternatives when there are few, or `otherwise`. */
export function suggestion(word: string, candidates: readonly string[], otherwise: string): string {
  const near = nearest(word, candidates)
  if (near !== null) return `did you mean \`${near}\`?`
  if (candidates.length > 0 && candidates.length <= 25) return `known here: ${candidates.join(', ')}`
  return otherwise
}

/** Optimal string alignment distance: insertions, deletions, replacements and swapped neighbours. */
function typingSlips(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const differs = a[row - 1] === b[column - 1] ? 0 : 1
      let slips = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + differs,
      )
      const isSwap = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      if (isSwap) slips = Math.min(slips, (beforeLast[column - 2] ?? 0) + 1)
      current.push(slips)
    }
    beforeLast = last
    last = current
  }
  return last[b.length] ?? 0
}
