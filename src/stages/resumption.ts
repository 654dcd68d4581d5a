/**
 * How pairings are, for whoever looks from outside, and the word of a person that lets a paused one go on. Both are
 * left in the store, so that commands work beside the process that keeps the pairings going.
 */
import type { Store } from '../store/store.ts'
import type { Pause, PairingState, Resumption } from './supervise.ts'

type Memory = Pick<Store, 'meta' | 'setMeta'>

const STATES = 'pairings'

export async function notePairingStates(
  store: Memory,
  states: ReadonlyMap<string, PairingState>,
): Promise<void> {
  await store.setMeta(STATES, JSON.stringify(Object.fromEntries(states)))
}

/** As last noted, by pairing. A process that was killed leaves its last word behind. */
export async function pairingStates(store: Memory): Promise<ReadonlyMap<string, PairingState>> {
  return new Map(
    Object.entries(JSON.parse((await store.meta(STATES)) ?? '{}') as Record<string, PairingState>),
  )
}

/** The pause a pairing is in. */
export function standingPause(states: ReadonlyMap<string, PairingState>, pairing: string): Pause | null {
  const state = states.get(pairing)
  return state?.kind === 'paused' ? state : null
}

export async function askToResume(
  store: Memory,
  pairing: string,
  word: Resumption & { readonly atMs: number },
): Promise<void> {
  await store.setMeta(`resume/${pairing}`, JSON.stringify(word))
}

/** A word that came after `sinceMs`; an older one was about another pause. */
export async function askedToResume(
  store: Memory,
  pairing: string,
  sinceMs: number,
): Promise<Resumption | null> {
  const text = await store.meta(`resume/${pairing}`)
  if (text === null) return null
  const { atMs, acceptGuards } = JSON.parse(text) as Resumption & { atMs: number }
  return atMs > sinceMs ? { acceptGuards } : null
}
