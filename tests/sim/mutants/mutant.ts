/**
 * An engine broken on purpose, as data: which text of which production file is replaced by which, and which promises
 * that breaks. Production has no switches for this; the text is replaced while the module is loaded (`preload.ts`).
 */
import type { CastName } from '../cast.ts'
import type { Theme } from '../themes.ts'

export interface Mutant {
  /** Unique; `--only` takes it. */
  readonly name: string
  /** What a developer could have believed. */
  readonly says: string
  /** Promises of `src/core/SPEC.md` of which at least one must be seen broken; a sight of others does not count. */
  readonly breaks: readonly string[]
  readonly edits: readonly Edit[]
  readonly seenBy: Witnesses
}

/**
 * Who has to see it: worlds of the simulator (of one theme, or as drawn; of Attio and HubSpot where no cast is named),
 * configurations of the explorer, or a test of
 * another suite where the mistake needs something that neither has.
 */
export type Witnesses =
  | Worlds
  | { readonly explorer: readonly string[] }
  | {
      readonly suite: string
      readonly test: string
      /** Where the test is written, when the suite takes it from a contract. */
      readonly source?: string
    }

export interface Worlds {
  readonly theme: Theme | 'any'
  readonly cast?: CastName
}

export interface Edit {
  /** Below `src`. */
  readonly file: string
  /** Occurs exactly once in the file, or nothing is run: a refactoring must not disarm a mutant in silence. */
  readonly from: string
  readonly to: string
}

/** The file's text with the edits made. Throws where one cannot be made. */
export function mutate(text: string, edits: readonly Edit[]): string {
  return edits.reduce((sum, { file, from, to }) => {
    const times = sum.split(from).length - 1
    if (times !== 1) throw new Error(`src/${file} contains ${times} times, not once: ${JSON.stringify(from)}`)
    // A function, because `to` may contain `$`.
    return sum.replace(from, () => to)
  }, text)
}
