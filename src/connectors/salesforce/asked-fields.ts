/**
 * Which fields of an object have been asked for so far: what is worth reading after a creation, whose answer is an id
 * and nothing else. What the org fills in by itself (an owner, a status) is then known at once.
 */
export interface AskedFields {
  note(object: string, fields: readonly string[]): void
  of(object: string): readonly string[]
}

export function askedFields(): AskedFields {
  const byObject = new Map<string, Set<string>>()
  return {
    note: (object, fields) => {
      const known = byObject.get(object) ?? new Set()
      for (const field of fields) known.add(field)
      byObject.set(object, known)
    },
    of: (object) => [...(byObject.get(object) ?? [])],
  }
}
