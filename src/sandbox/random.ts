/**
 * Chance that can be repeated: equal seeds and equal stream names give equal sequences on every machine.
 *
 * Every purpose draws from a stream of its own, so that one more draw in one place does not reshuffle all
 * others: a fault rule added to a run leaves the generated names as they were.
 */
export interface Random {
  /** Uniform in [0, 1). */
  readonly next: () => number
  /** Uniform whole number, both ends included. */
  integer(min: number, max: number): number
  /** True with this probability. */
  chance(probability: number): boolean
  /** One element of a list that must not be empty. */
  pick<T>(list: readonly T[]): T
}

export function seededRandom(seed: number, stream: string): Random {
  const next = sfc32(hash128(`${seed}/${stream}`))
  return {
    next,
    integer: (min, max) => min + Math.floor(next() * (max - min + 1)),
    chance: (probability) => next() < probability,
    pick: (list) => {
      const picked = list[Math.floor(next() * list.length)]
      if (picked === undefined) throw new RangeError('cannot pick from an empty list')
      return picked
    },
  }
}

type State = readonly [number, number, number, number]

/** The "small fast counter" generator, version 32: 128 bits of state, passes PractRand. Public domain. */
function sfc32(state: State): () => number {
  let [a, b, c, counter] = state
  const step = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    c |= 0
    return (sum >>> 0) / 0x1_0000_0000
  }
  // The first outputs still show the seed's structure.
  for (let round = 0; round < 12; round += 1) step()
  return step
}

/** Spreads a text over 128 bits: four FNV-1a hashes with different offsets. Not for secrets. */
function hash128(text: string): State {
  const lane = (offset: number): number => {
    let hash = offset
    for (let index = 0; index < text.length; index += 1) {
      hash = Math.imul(hash ^ text.charCodeAt(index), 0x0100_0193)
    }
    return hash | 0
  }
  return [lane(0x811c_9dc5), lane(0x9e37_79b9), lane(0x85eb_ca6b), lane(0xc2b2_ae35)]
}
