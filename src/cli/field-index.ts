/** What people call fields and sides, by mapping: read from the mapping files, without any account. */
import { loadMappings } from '../compose/pairings.ts'
import type { Settings } from '../config/settings.ts'
import type { Both } from '../core/record.ts'
import { ConfigError } from '../errors.ts'
import { suggestion } from '../mapping/did-you-mean.ts'
import { fieldNames, mappingName, type MatchEntry } from '../mapping/document.ts'
import { resolveFields, touchedFields } from '../mapping/resolve.ts'

export interface FieldIndex {
  /** The key under which decisions about `field` are kept. Throws `ConfigError` when no entry maps it. */
  keyOf(mapping: string, field: string): string
  /** Names of a mapping's connections. */
  names(mapping: string): Both<string>
  /** Names of a pairing's connections. */
  namesOf(pairing: string): Both<string>
  /** Objects on both sides; null for a mapping that is no longer configured. */
  objects(mapping: string): Both<string> | null
  /** Where a person reads who a record is, best first; nothing for a mapping that is no longer configured. */
  recognisedBy(mapping: string): readonly Recognition[]
}

/** A matching rule, as the store knows it: the number that its keys begin with, and the field that carries the same. */
export interface Recognition {
  readonly rule: number
  /** Key of the entry that maps the rule's fields; null when none does. */
  readonly field: string | null
}

interface Known {
  readonly names: Both<string>
  readonly objects: Both<string>
  /** Field name of either side, or key → key. */
  readonly keys: ReadonlyMap<string, string>
  readonly recognisedBy: readonly Recognition[]
}

export function fieldIndex(settings: Settings): FieldIndex {
  const known = new Map<string, Known>()
  for (const pairing of settings.pairings) {
    for (const document of loadMappings(pairing)) {
      const { body } = document
      const keys = new Map<string, string>()
      for (const field of resolveFields(document, null)) {
        const { left, right } = touchedFields(field)
        for (const name of [field.key, ...left, ...right]) if (!keys.has(name)) keys.set(name, field.key)
      }
      known.set(mappingName(body), {
        names: { left: pairing.left, right: pairing.right },
        objects: { left: body.left.object, right: body.right.object },
        keys,
        recognisedBy: recognitions(body.match, keys),
      })
    }
  }
  const namesOf = (name: string): Both<string> => {
    const pairing = settings.pairings.find((each) => each.name === name)
    return pairing ? { left: pairing.left, right: pairing.right } : { left: 'left', right: 'right' }
  }
  return {
    namesOf,
    keyOf(mapping, field) {
      const found = known.get(mapping)
      // A mapping that is no longer configured has a history all the same; its keys are left field names.
      if (!found) return field
      const key = found.keys.get(field)
      if (key !== undefined) return key
      throw new ConfigError(`no entry of ${mapping} maps the field \`${field}\``, {
        hint: suggestion(field, [...found.keys.keys()], 'see the mapping file'),
      })
    },
    names: (mapping) => known.get(mapping)?.names ?? namesOf(mapping.split('/')[0] ?? ''),
    objects: (mapping) => known.get(mapping)?.objects ?? null,
    recognisedBy: (mapping) => known.get(mapping)?.recognisedBy ?? [],
  }
}

/** The weak rule comes last and says it best: a name, where an address or a domain is only a means. */
function recognitions(
  match: readonly MatchEntry[],
  keys: ReadonlyMap<string, string>,
): readonly Recognition[] {
  return match
    .map((entry, rule) => ({ rule, field: keys.get(fieldNames(entry.left)[0] ?? '') ?? null }))
    .toReversed()
}
