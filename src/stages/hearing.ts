/**
 * Whether webhooks still come. A tunnel that died, a secret that was changed or a vendor that gave up say nothing: what
 * gives them away is a listing or a sweep that finds what nobody had told of.
 *
 * | state     | entered by                                     | left by             | meanwhile                       |
 * |-----------|------------------------------------------------|---------------------|---------------------------------|
 * | heard     | the start                                      | such a find         | nothing has to be listed        |
 * | suspected | a find                                         | the next delivery   | listed, as if it told nothing   |
 * | silent    | one more find, without a delivery in between   | the next delivery   | the same, and a person is told  |
 */

export interface Hearing {
  /** A look found what this connection had not told of. */
  missed(connection: string): void
  isHeard(connection: string): boolean
  /** The connections that are silent. */
  silent(): readonly string[]
}

interface Suspicion {
  /** Deliveries by then. */
  readonly deliveries: number
  readonly isCertain: boolean
}

/** `deliveries`: how many of a connection were taken so far; null where it has no webhooks. */
export function createHearing(deliveries: (connection: string) => number | null): Hearing {
  const suspicions = new Map<string, Suspicion>()
  const standing = (connection: string): Suspicion | null => {
    const suspicion = suspicions.get(connection)
    return suspicion && suspicion.deliveries === deliveries(connection) ? suspicion : null
  }
  return {
    missed(connection) {
      const count = deliveries(connection)
      if (count === null) return
      suspicions.set(connection, { deliveries: count, isCertain: standing(connection) !== null })
    },
    isHeard: (connection) => deliveries(connection) !== null && standing(connection) === null,
    silent: () => [...suspicions.keys()].filter((connection) => standing(connection)?.isCertain),
  }
}
