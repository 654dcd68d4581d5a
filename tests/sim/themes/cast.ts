/** Named records for stories about certain people, companies and deals; and who edits them when. */
import type { Random } from '../../../src/sandbox/random.ts'
import type { Draft, Kind } from '../hands/hands.ts'
import type { Action, Step, Weather } from '../scenario.ts'

export const VENDORS = ['attio', 'hubspot'] as const

export type VendorName = (typeof VENDORS)[number]

export function other(vendor: VendorName): VendorName {
  return vendor === 'attio' ? 'hubspot' : 'attio'
}

/** Nobody else has its keys. */
export function draftOf(kind: Kind, number: number): Draft {
  switch (kind) {
    case 'company':
      return { name: `Company ${number}`, domain: `company-${number}-alone.com` }
    case 'person':
      return {
        first: `Person${number}`,
        last: 'Alone',
        email: `person-${number}@alone-there.com`,
        job: 'Clerk',
      }
    case 'deal':
      return { name: `Deal ${number}`, stage: 'lead', amount: String(number * 100) }
  }
}

/** Entered at one vendor, under a name of its own. */
export function entered(vendor: VendorName, kind: Kind, name: string, draft: Draft, atMs = 0): Step {
  return { atMs, vendor, action: { do: 'create', kind, draft: { ...draft, remark: name } } }
}

/**
 * Entered at both, equal, so that the two are linked without any write. Deals have no strong key: they are entered at
 * one, and the engine makes the other.
 */
export function couple(kind: Kind, name: string, draft: Draft, atMs = 0): readonly Step[] {
  const vendors: readonly VendorName[] =
    kind === 'deal' ? [name.endsWith('1') ? 'attio' : 'hubspot'] : VENDORS
  return vendors.map((vendor) => entered(vendor, kind, name, draft, atMs))
}

export function couples(kind: Kind, names: readonly string[]): readonly Step[] {
  return names.flatMap((name, i) => couple(kind, name, draftOf(kind, i + 1)))
}

export function names(prefix: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `${prefix} ${i + 1}`)
}

export function updated(vendor: VendorName, kind: Kind, named: string, draft: Draft, atMs: number): Step {
  return { atMs, vendor, action: { do: 'update', kind, who: 0, named, draft } }
}

export function step(vendor: VendorName, atMs: number, action: Action): Step {
  return { atMs, vendor, action }
}

/** When the pairs of the beginning are made, if nothing comes in between. */
const SETTLED_MS = 20_000

/** Some moment of the storm after the beginning has settled. */
export function moment(random: Random, { stormMs }: { readonly stormMs: number }): number {
  return random.integer(Math.min(SETTLED_MS, stormMs - 1), stormMs)
}

export function times<T>(count: number, make: (i: number) => T): readonly T[] {
  return Array.from({ length: count }, (_, i) => make(i))
}

/** Answers to writes get lost, and some writes come late. */
export function lostAnswers(
  random: Random,
  stormMs: number,
  vendors: readonly VendorName[],
): readonly Weather[] {
  const rules = [
    { kind: 'reset-after' },
    { kind: 'status-after', status: 502 },
    { kind: 'timeout-after', delayMs: 30_000 },
    { kind: 'late', delayMs: 15_000 },
    { kind: 'reset-before' },
  ] as const
  return vendors.flatMap((vendor) =>
    rules
      .filter(() => random.chance(0.6))
      .map((rule, i) => ({
        vendor,
        fromMs: 0,
        toMs: stormMs,
        rule: { ...rule, id: `lost ${i}`, mutating: true, probability: 0.1 + random.next() * 0.3 },
      })),
  )
}
