/**
 * Fills CRMs with the data of one small, untidy world: people who work for companies and take part in deals,
 * some of it known to every CRM, some of it to one only, written down by different hands.
 *
 * What is guaranteed, because demos, tests and benchmarks count on it:
 * - Equal seeds, options and models give equal data.
 * - A record on every side says the same there, up to spelling (blanks, capitals of e-mail addresses, phone and
 *   domain notations, decomposed accents), unless it is one of the `contradictions`.
 * - References between overlapping records lead to overlapping records, the same on every side.
 * - Duplicates exist on one side only, and only where the vendor lets a person enter them.
 */
import { ConfigError } from '../../errors.ts'
import type { VendorModel } from '../model.ts'
import { temporarySettings } from '../settings.ts'
import { VENDORS } from '../vendors.ts'
import type { Vendor } from '../vendors.ts'
import { Generator } from './generator.ts'
import type { Scribe } from './scribe.ts'

export interface GenerateOptions {
  /** Different people; companies are a fifth, deals a quarter of it. */
  readonly people: number
  /** Share of people, companies and deals that every CRM holds. */
  readonly overlap: number
  readonly seed: number
  /** Share of the overlapping records with a field that really differs; 0.05 when absent. */
  readonly contradictions?: number
  readonly vendors?: readonly Vendor[]
  /** The one CRM that anybody has written in; the others are set up and empty. All of them when absent. */
  readonly only?: string
  /** Told after each record which share of all records that was, so that a clock can move on. */
  readonly elapse?: (share: number) => void
}

/** Different things in the generated world; duplicates are counted apart. */
export interface Census {
  readonly people: Count
  readonly companies: Count
  readonly deals: Count
}

export interface Count {
  total: number
  /** Known to every CRM. */
  shared: number
  /** Of the shared ones, those that contradict each other. */
  contradicting: number
  /** Second entries on one side. */
  duplicates: number
}

/**
 * Writes the world through `edit()`, as its people would, without rate limits. The models should be empty and
 * their clock in the past; what their vendors would add by themselves is off meanwhile and on afterwards.
 */
export function generateWorld(models: ReadonlyMap<string, VendorModel>, options: GenerateOptions): Census {
  for (const share of [options.overlap, options.contradictions ?? 0]) {
    if (!(share >= 0 && share <= 1)) {
      throw new ConfigError(`A share of ${share} makes no sense`, {
        hint: 'Give overlap and contradictions as numbers from 0 to 1.',
      })
    }
  }
  return withScribes(models, options.vendors, (scribes) => {
    const { only } = options
    if (only === undefined) return new Generator(scribes, options).run()
    const [writing, idle] = [new Map<string, Scribe>(), new Map<string, Scribe>()]
    for (const [name, scribe] of scribes) (name === only ? writing : idle).set(name, scribe)
    setUp(idle)
    return new Generator(writing, options).run()
  })
}

/** What generated data needs of each CRM, such as pipelines and record types, and no record. */
export function setUpWorld(models: ReadonlyMap<string, VendorModel>, vendors?: readonly Vendor[]): void {
  withScribes(models, vendors, setUp)
}

function setUp(scribes: ReadonlyMap<string, Scribe>): void {
  for (const scribe of scribes.values()) scribe.prepare()
  for (const scribe of scribes.values()) scribe.finish()
}

function withScribes<T>(
  models: ReadonlyMap<string, VendorModel>,
  vendors: readonly Vendor[] = VENDORS,
  work: (scribes: ReadonlyMap<string, Scribe>) => T,
): T {
  const scribes = new Map<string, Scribe>()
  const restorers: (() => void)[] = []
  try {
    for (const [name, model] of models) {
      const vendor = vendors.find((each) => each.name === name)
      if (!vendor) throw new TypeError(`nobody knows how to write records in ${name}`)
      const scribe = vendor.scribe(model)
      restorers.push(temporarySettings(model, scribe.quiet))
      scribes.set(name, scribe)
    }
    return work(scribes)
  } finally {
    for (const restore of restorers) restore()
  }
}
