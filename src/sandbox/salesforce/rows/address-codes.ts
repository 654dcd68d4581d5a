/**
 * State and country picklists: a country's name and code follow each other, and so do a state's; a state needs a
 * country that has it (Salesforce fact sheet 17). Checked in every save, so that what was there before the picklists
 * is refused too. Texts as public write-ups quote them; that of the state without a country was recorded by RudderStack.
 */
import { COUNTRIES, type Country, type State } from '../catalogue/countries.ts'
import type { ObjectType } from '../schema/object-type.ts'
import { Problem, refusal, type ErrorEntry } from '../wire.ts'
import type { Scalar } from './row-store.ts'

interface Change {
  readonly type: ObjectType
  readonly next: Record<string, Scalar>
  readonly sent: ReadonlySet<string>
}

type Draft = Change & { readonly prefix: string }

export function settleAddresses(change: Change): void {
  const errors: ErrorEntry[] = []
  for (const { name, type } of change.type.fields) {
    if (type !== 'address') continue
    try {
      settle({ ...change, prefix: name.slice(0, -'Address'.length) })
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      errors.push(...error.entries)
    }
  }
  if (errors.length > 0) throw new Problem(400, errors)
}

function settle(draft: Draft): void {
  const country = chosen(draft, 'Country', COUNTRIES)
  if (country === 'unknown') {
    throw wrong(
      draft,
      'Country',
      (label) =>
        `There's a problem with this country, even though it may appear correct. Please select a country/territory from the list of valid countries.: ${label}`,
    )
  }
  const named = ['State', 'StateCode'].filter((part) => draft.sent.has(draft.prefix + part))
  const stated = (named.length > 0 ? named : ['State']).find(
    (part) => draft.next[draft.prefix + part] !== undefined,
  )
  if (stated !== undefined && country === null) {
    throw wrong(
      draft,
      stated,
      (label) => `A country/territory must be specified before specifying a state value for field: ${label}`,
    )
  }
  const state = chosen<State>(draft, 'State', country?.states ?? [])
  if (state === 'unknown') throw unknownState(draft)
  keep(draft, 'Country', country)
  keep(draft, 'State', state)
}

function unknownState(draft: Draft): Problem {
  if (draft.sent.has(`${draft.prefix}State`)) {
    return wrong(
      draft,
      'State',
      (label) =>
        `There's a problem with this state, even though it may appear correct. Please select a state from the list of valid states.: ${label}`,
    )
  }
  return wrong(
    draft,
    'StateCode',
    (label) => `The existing country/territory doesn't recognize the state value for field: ${label}`,
  )
}

/**
 * What the name or the code means: whichever was sent, the code where neither was; sent together they have to agree. A
 * code is no name (seen in a real org); whether the case of names matters is unknown, so it does.
 */
function chosen<Of extends State | Country>(
  draft: Draft,
  kind: 'Country' | 'State',
  all: readonly Of[],
): Of | 'unknown' | null {
  const { prefix, next, sent } = draft
  const [name, code] = [next[`${prefix}${kind}`], next[`${prefix}${kind}Code`]]
  const [isNamed, isCoded] = [sent.has(`${prefix}${kind}`), sent.has(`${prefix}${kind}Code`)]
  const byName = name === undefined ? null : (all.find((each) => each.name === name) ?? 'unknown')
  const byCode = code === undefined ? null : (all.find((each) => each.code === code) ?? 'unknown')
  if (isNamed && isCoded && byName !== 'unknown' && byName !== byCode) {
    throw wrong(draft, kind, (label) => `Mismatched integration value and ISO code for field: ${label}`)
  }
  if (isNamed !== isCoded) return isNamed ? byName : byCode
  return byName === 'unknown' ? byName : (byCode ?? byName)
}

function keep({ prefix, next }: Draft, kind: string, value: State | null): void {
  if (value !== null) {
    next[`${prefix}${kind}`] = value.name
    next[`${prefix}${kind}Code`] = value.code
    return
  }
  delete next[`${prefix}${kind}`]
  delete next[`${prefix}${kind}Code`]
}

function wrong({ type, prefix }: Draft, part: string, text: (label: string) => string): Problem {
  const name = prefix + part
  const label = type.byName.get(name.toLowerCase())?.label ?? name
  return refusal('FIELD_INTEGRITY_EXCEPTION', text(label), [name])
}
