/**
 * `node --import` this, with `ATTUNE_MUTANT` naming a mutant: its files are changed while they are loaded. Production
 * is never edited, and a process without the variable runs it as it is.
 */
import { registerHooks } from 'node:module'
import { mutate, type Mutant } from './mutant.ts'
import { mutantNamed } from './list.ts'

const SRC = new URL('../../../src/', import.meta.url).href

const name = process.env['ATTUNE_MUTANT'] ?? ''

/** Null: production as it is. */
export const mutant: Mutant | null = name === '' ? null : mutantNamed(name)

const waiting = new Set(mutant?.edits.map(({ file }) => file))

/** Throws when a file of the mutant was never loaded: what ran then was not the mutant. */
export function assertApplied(): void {
  if (waiting.size > 0) throw new Error(`${name}: ${[...waiting].join(', ')} was not loaded`)
}

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context)
    const file = url.startsWith(SRC) ? url.slice(SRC.length) : null
    const edits = mutant?.edits.filter((edit) => edit.file === file) ?? []
    if (file === null || edits.length === 0) return loaded
    if (typeof loaded.source === 'string' || !loaded.source) throw new Error(`${url} has no bytes`)
    waiting.delete(file)
    return { ...loaded, source: mutate(new TextDecoder().decode(loaded.source), edits) }
  },
})
