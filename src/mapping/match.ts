/** Match entries → keys by which records recognise each other. */
import { SIDES, type Both, type Side } from '../core/record.ts'
import { NO_LOOKUPS, type MatchRule } from '../core/rules.ts'
import type { FieldValues } from '../core/value.ts'
import type { MatchEntry } from './document.ts'
import type { FieldShape } from './field-shape.ts'
import { isPhoneNumber, phoneKind } from './transforms/phone.ts'
import { domainKind, isDomain } from './transforms/domain.ts'
import type { ElementKind } from './transforms/element.ts'
import { emailKind, isAddress } from './transforms/email.ts'
import { numberKind } from './transforms/number.ts'
import { fullName, nameSide } from './transforms/person-name.ts'
import { collapsedText, rawElements } from './transforms/plain-text.ts'
import { inferTransform } from './transforms/registry.ts'
import { textKind } from './transforms/text.ts'
import { rawValue } from './transforms/transform.ts'
import { urlKind } from './transforms/url.ts'
import type { SourcePosition } from '../errors.ts'

type MatchKind = NonNullable<MatchEntry['as']>

function matchKind(entry: MatchEntry, shapes: Both<readonly FieldShape[]>): MatchKind {
  if (entry.as) return entry.as
  const inferred = inferTransform({ ...shapes, settings: {} })
  switch (inferred) {
    case 'email':
    case 'phone':
    case 'domain':
    case 'number':
    case 'url':
    case 'person-name':
      return inferred
    default:
      return 'text'
  }
}

export function matchRule(
  entry: MatchEntry,
  shapes: Both<readonly FieldShape[]>,
  at: SourcePosition,
  region: string | undefined,
): MatchRule {
  const kind = matchKind(entry, shapes)
  if (kind === 'person-name') return personNameMatch(entry, shapes, at)
  const element = elementKind(kind, entry.region ?? region)
  return {
    at,
    strength: entry.strength,
    fields: namesOf(shapes),
    field: askedField(shapes, 'first'),
    keys: bothSides((side) => elementKeys(element, isUsable(kind), shapes[side])),
    query: { left: (key) => key, right: (key) => key },
  }
}

/**
 * Full names as they are spelled: vendors compare names letter by letter, so a folded key would miss the very
 * record that is spelled the same. A single word is too little to propose anything by. Where the name has two
 * fields the vendor is asked by last name, and the full name decides.
 */
function personNameMatch(
  entry: MatchEntry,
  shapes: Both<readonly FieldShape[]>,
  at: SourcePosition,
): MatchRule {
  return {
    at,
    strength: entry.strength,
    fields: namesOf(shapes),
    field: askedField(shapes, 'last'),
    keys: bothSides((side) => {
      const { rule } = nameSide(shapes[side])
      return (values) => {
        // Names hold no users and no references.
        const name = fullName(rule.read(values, NO_LOOKUPS))
        return name?.includes(' ') ? [name] : []
      }
    }),
    query: bothSides((side) =>
      shapes[side].length > 1 ? (key) => key.slice(key.indexOf(' ') + 1) : (key) => key,
    ),
  }
}

function elementKeys(
  kind: ElementKind,
  usable: (key: string) => boolean,
  fields: readonly FieldShape[],
): (values: FieldValues) => readonly string[] {
  return (values) => {
    const keys = new Set<string>()
    for (const [place, field] of fields.entries()) {
      for (const raw of rawElements(rawValue(values, field))) {
        // Fields after the first hold further values as one text (HubSpot's hs_additional_emails).
        for (const each of place > 0 && typeof raw === 'string' ? raw.split(';') : [raw]) {
          const key = kind.canonise(each, field)
          if (typeof key === 'string' && usable(key)) keys.add(key)
        }
      }
    }
    return [...keys]
  }
}

function elementKind(kind: Exclude<MatchKind, 'person-name'>, region: string | undefined): ElementKind {
  switch (kind) {
    case 'email':
      return emailKind
    case 'phone':
      return phoneKind(region)
    case 'domain':
      return domainKind
    case 'number':
      return numberKind(null)
    case 'url':
      return urlKind
    case 'text':
      return { ...textKind, canonise: (raw) => collapsedText(raw) }
  }
}

/** Text in an e-mail field ("unknown", "n/a") recognises nobody. */
function isUsable(kind: MatchKind): (key: string) => boolean {
  switch (kind) {
    case 'email':
      return isAddress
    case 'phone':
      return isPhoneNumber
    case 'domain':
      return isDomain
    default:
      return () => true
  }
}

function namesOf(shapes: Both<readonly FieldShape[]>): Both<readonly string[]> {
  return bothSides((side) => shapes[side].map(({ name }) => name))
}

function askedField(shapes: Both<readonly FieldShape[]>, which: 'first' | 'last'): Both<string> {
  return bothSides((side) => shapes[side].at(which === 'first' ? 0 : -1)?.name ?? '')
}

function bothSides<T>(make: (side: Side) => T): Both<T> {
  const [left, right] = SIDES
  return { left: make(left), right: make(right) }
}
