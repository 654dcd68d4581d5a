/** The generated world, seen through scribes that only take notes; `generate-world.test.ts` has the real models. */
import { parsePhoneNumberFromString } from 'libphonenumber-js/max'
import type { CountryCode } from 'libphonenumber-js/max'
import { describe, expect, it } from 'vitest'
import type { Company } from '../../src/sandbox/generate/companies.ts'
import type { Deal } from '../../src/sandbox/generate/deals.ts'
import { generateWorld } from '../../src/sandbox/generate/generate.ts'
import type { Census, GenerateOptions } from '../../src/sandbox/generate/generate.ts'
import { LOCALES } from '../../src/sandbox/generate/locales.ts'
import type { Person } from '../../src/sandbox/generate/people.ts'
import { makePhone } from '../../src/sandbox/generate/phones.ts'
import { sloppy, sloppyDomain, sloppyEmail } from '../../src/sandbox/generate/scribe.ts'
import type { Pen, Scribe } from '../../src/sandbox/generate/scribe.ts'
import { seededRandom } from '../../src/sandbox/random.ts'
import type { Vendor } from '../../src/sandbox/vendors.ts'
import { createTinyModel } from './tiny-model.ts'

interface Notes {
  readonly companies: { id: string; view: Company; pen: Pen }[]
  readonly people: { id: string; view: Person; pen: Pen; companies: readonly string[] }[]
  readonly deals: { id: string; view: Deal; pen: Pen; company: string | null; people: readonly string[] }[]
}

function noteTaker(name: string, sharesDomains: boolean): { vendor: Vendor; notes: Notes } {
  const notes: Notes = { companies: [], people: [], deals: [] }
  const note = <T>(list: T[], entry: T & { id: string }): string => {
    list.push(entry)
    return entry.id
  }
  const scribe: Scribe = {
    quiet: { greeting: 'quiet' },
    sharesDomains,
    prepare: () => {},
    finish: () => {},
    owners: () => ({ current: [`${name}@a.example`, 'both@a.example'], former: ['gone@a.example'] }),
    writeCompany: (view, pen) => note(notes.companies, { id: `c${notes.companies.length}`, view, pen }),
    writePerson: (view, links, pen) =>
      note(notes.people, { id: `p${notes.people.length}`, view, pen, ...links }),
    writeDeal: (view, links, pen) => note(notes.deals, { id: `d${notes.deals.length}`, view, pen, ...links }),
  }
  return {
    vendor: { name, portOffset: 1, create: createTinyModel, scribe: () => scribe, deliveryTimeoutMs: 1 },
    notes,
  }
}

function generate(options: Partial<GenerateOptions> = {}): { census: Census; left: Notes; right: Notes } {
  const [left, right] = [noteTaker('left', false), noteTaker('right', true)]
  const vendors = [left.vendor, right.vendor]
  const models = new Map(
    vendors.map(({ name, create }) => [name, create({ clock: () => 0, seed: 1, limits: 'off' })]),
  )
  const census = generateWorld(models, { vendors, seed: 1, people: 600, overlap: 0.6, ...options })
  for (const model of models.values()) expect(model.settings['greeting']).toBe('hello')
  return { census, left: left.notes, right: right.notes }
}

const withoutPens = (notes: Notes): string =>
  JSON.stringify(notes, (key, value: unknown) => (key === 'pen' ? undefined : value))

describe('a generated world', () => {
  it('is the same for the same seed and another for another', () => {
    const first = withoutPens(generate().left)
    expect(withoutPens(generate().left)).toBe(first)
    expect(withoutPens(generate({ seed: 2 }).left)).not.toBe(first)
  })

  it('has as many people as asked, and companies and deals in proportion', () => {
    const { census, left, right } = generate()
    expect([census.people.total, census.companies.total, census.deals.total]).toEqual([600, 120, 150])
    for (const kind of ['people', 'companies', 'deals'] as const) {
      const { total, shared, duplicates } = census[kind]
      expect(left[kind].length + right[kind].length).toBe(total + shared + duplicates)
      expect(shared / total).toBeGreaterThan(0.45)
      expect(shared / total).toBeLessThan(0.75)
    }
  })

  it.each([0, 1])('obeys an overlap of %d', (overlap) => {
    const { census } = generate({ overlap, people: 100 })
    expect([census.people.shared, census.companies.shared, census.deals.shared]).toEqual(
      overlap === 0 ? [0, 0, 0] : [100, 20, 25],
    )
  })

  it('refuses shares that are none', () => {
    expect(() => generate({ overlap: 60 })).toThrow('share')
    expect(() => generate({ contradictions: -1 })).toThrow('share')
  })

  it('agrees on shared records, except for the contradictions it reports', () => {
    for (const contradictions of [0, 0.05, 1]) {
      const { census, left, right } = generate({ contradictions })
      for (const kind of ['people', 'companies', 'deals'] as const) {
        const views = (notes: Notes) =>
          (notes[kind] as { view: unknown; pen: Pen }[])
            .filter(({ pen }) => pen.shared)
            .map(({ view }) => JSON.stringify(view))
        const [here, there] = [views(left), views(right)]
        expect(here.length).toBe(there.length)
        const differing = here.filter((view, index) => view !== there[index]).length
        expect(differing).toBe(census[kind].contradicting)
      }
      if (contradictions === 1) expect(census.people.contradicting).toBe(census.people.shared)
    }
  })

  it('never contradicts in what the records are recognised by', () => {
    const { left, right } = generate({ contradictions: 1 })
    const keys = (notes: Notes): unknown => ({
      people: notes.people.filter(({ pen }) => pen.shared).map(({ view }) => view.emails),
      companies: notes.companies.filter(({ pen }) => pen.shared).map(({ view }) => view.domains),
      deals: notes.deals.filter(({ pen }) => pen.shared).map(({ view }) => view.name),
    })
    expect(keys(left)).toEqual(keys(right))
  })

  it('links shared people and deals to the same shared records on every side', () => {
    const { left, right } = generate()
    const links = (notes: Notes): unknown => {
      const domain = new Map(notes.companies.map(({ id, view }) => [id, view.domains[0]]))
      const email = new Map(notes.people.map(({ id, view }) => [id, view.emails[0]]))
      return {
        people: notes.people
          .filter(({ pen }) => pen.shared)
          .map(({ companies }) => companies.map((id) => domain.get(id))),
        deals: notes.deals
          .filter(({ pen }) => pen.shared)
          .map(({ company, people }) => [company && domain.get(company), people.map((id) => email.get(id))]),
      }
    }
    expect(links(left)).toEqual(links(right))
    expect(left.people.some(({ companies }) => companies.length > 0)).toBe(true)
    expect(left.deals.some(({ people }) => people.length > 1)).toBe(true)
  })

  it('gives shared records an owner whom everybody knows', () => {
    const { left } = generate()
    const owners = new Set(left.companies.filter(({ pen }) => pen.shared).map(({ pen }) => pen.owner))
    expect(owners).toEqual(new Set([null, 'both@a.example']))
    expect(left.people.some(({ pen }) => pen.owner === 'gone@a.example')).toBe(true)
  })

  it('never gives one address to two people, nor one domain to two companies where it is unique', () => {
    const { left, right } = generate({ people: 2_000 })
    for (const notes of [left, right]) {
      const emails = notes.people.flatMap(({ view }) => view.emails)
      expect(new Set(emails).size).toBe(emails.length)
    }
    const domains = left.companies.flatMap(({ view }) => view.domains)
    expect(new Set(domains).size).toBe(domains.length)
    const lax = right.companies.flatMap(({ view }) => view.domains)
    expect(new Set(lax).size).toBeLessThan(lax.length)
  })
})

describe('the dirt', () => {
  const { left, right } = generate({ people: 2_000 })
  const text = (notes: Notes): string => withoutPens(notes)
  const everything = text(left) + text(right)

  it.each([
    ['Cyrillic', /\p{Script=Cyrillic}/u],
    ['Greek', /\p{Script=Greek}/u],
    ['Arabic', /\p{Script=Arabic}/u],
    ['Hebrew', /\p{Script=Hebrew}/u],
    ['Han', /\p{Script=Han}/u],
    ['Katakana', /\p{Script=Katakana}/u],
    ['Hangul', /\p{Script=Hangul}/u],
    ['Devanagari', /\p{Script=Devanagari}/u],
    ['Vietnamese', /[ễạầ]/u],
    ['emoji', /\p{Emoji_Presentation}/u],
    ['plus addresses', /\+crm@/],
    ['an amount of zero', /"amount":"0"/],
    ['a count of zero', /"employees":0/],
  ])('has %s', (_name, pattern) => {
    expect(everything).toMatch(pattern)
  })

  it('has texts of 300 characters, several lines, blanks in every optional field', () => {
    const people = [...left.people, ...right.people].map(({ view }) => view)
    expect(people.some(({ description }) => description?.length === 300)).toBe(true)
    expect(people.some(({ description }) => description?.includes('\n'))).toBe(true)
    for (const field of [
      'given',
      'family',
      'phone',
      'jobTitle',
      'description',
      'linkedin',
      'city',
    ] as const) {
      const blank = people.filter((person) => person[field] === null).length
      expect(blank, field).toBeGreaterThan(0)
      expect(blank, field).toBeLessThan(people.length)
    }
  })

  it('has companies that share a name without being one', () => {
    const names = left.companies.map(({ view }) => view.name)
    expect(new Set(names).size).toBeLessThan(names.length)
  })

  it('has deals in three pipelines and every phase', () => {
    const deals = left.deals.map(({ view }) => `${view.pipeline}/${view.phase}`)
    expect(new Set(deals).size).toBe(12)
  })

  it('has every locale', () => {
    expect(new Set([...left.companies, ...right.companies].map(({ view }) => view.locale)).size).toBe(
      LOCALES.length,
    )
  })
})

describe('spellings', () => {
  it.each(LOCALES.map(({ country }) => country))('phones of %s are valid in every spelling', (country) => {
    const random = seededRandom(1, country)
    for (let turn = 0; turn < 100; turn += 1) {
      const phone = makePhone(country, random)
      for (const spelling of phone.international) {
        const parsed = parsePhoneNumberFromString(spelling)
        expect([spelling, parsed?.number, parsed?.isValid()]).toEqual([spelling, phone.e164, true])
      }
      for (const spelling of phone.national) {
        const parsed = parsePhoneNumberFromString(spelling, phone.country as CountryCode)
        expect([spelling, parsed?.number]).toEqual([spelling, phone.e164])
      }
    }
  })

  it('mean the same after trimming, normal form, lower case and removal of what surrounds a domain', () => {
    const random = seededRandom(1, 'spelling')
    const seen = new Set<string>()
    for (let turn = 0; turn < 300; turn += 1) {
      const [text, email, domain] = [
        sloppy('Łukasz Żółć', random),
        sloppyEmail('a.b@c.example', random),
        sloppyDomain('c-1.example', random),
      ]
      expect(text.trim().normalize('NFC')).toBe('Łukasz Żółć')
      expect(email.toLowerCase()).toBe('a.b@c.example')
      const { hostname } = new URL(domain.includes('//') ? domain : `http://${domain}`)
      expect(hostname.replace(/^www\./, '')).toBe('c-1.example')
      for (const spelling of [text, email, domain]) seen.add(spelling)
    }
    expect(seen.size).toBeGreaterThan(12)
  })
})

describe('chance', () => {
  it('is even, and streams of one seed are strangers', () => {
    const random = seededRandom(3, 'a')
    const counts = [0, 0, 0, 0]
    for (let turn = 0; turn < 4_000; turn += 1) {
      const face = random.integer(0, 3)
      counts[face] = (counts[face] ?? 0) + 1
    }
    for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(150)
    expect(seededRandom(3, 'b').next()).not.toBe(seededRandom(3, 'a').next())
    expect(() => random.pick([])).toThrow(RangeError)
  })
})
