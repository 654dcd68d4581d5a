/** Country names and ISO 3166-1 codes, from the language data that Node brings along. */

const ENGLISH = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' })

const LETTERS = Array.from({ length: 26 }, (_, index) => String.fromCodePoint(65 + index))

/** Codes that name no country: unions, test codes and the unknown region. */
const NO_COUNTRY = new Set(['EU', 'EZ', 'UN', 'QO', 'XA', 'XB', 'ZZ'])

const NAME_BY_CODE: ReadonlyMap<string, string> = new Map(
  LETTERS.flatMap((first) => LETTERS.map((second) => first + second)).flatMap((code): [string, string][] => {
    const name = NO_COUNTRY.has(code) ? undefined : ENGLISH.of(code)
    // Withdrawn codes (DD, SU …) are shown under the name of their successor; the successor's own code counts.
    return name === undefined || Intl.getCanonicalLocales(`und-${code}`)[0] !== `und-${code}`
      ? []
      : [[code, name]]
  }),
)

const CODE_BY_NAME: ReadonlyMap<string, string> = new Map(
  [...NAME_BY_CODE].map(([code, name]) => [name.toLowerCase(), code]),
)

/** What people type in country fields most often, beside the English name and the code. */
const EVERYDAY: Readonly<Record<string, string>> = {
  usa: 'US',
  'u.s.': 'US',
  'u.s.a.': 'US',
  'united states of america': 'US',
  uk: 'GB',
  'great britain': 'GB',
  'the netherlands': 'NL',
  holland: 'NL',
  'czech republic': 'CZ',
  turkey: 'TR',
  'hong kong': 'HK',
  macau: 'MO',
}

/** ISO code of a country's code or name; text that is neither stays as it is. */
export function countryCode(text: string): string {
  const lower = text.toLowerCase()
  const upper = text.toUpperCase()
  if (NAME_BY_CODE.has(upper)) return upper
  return CODE_BY_NAME.get(lower) ?? EVERYDAY[lower] ?? text
}

/** English name of an ISO code; other text stays as it is. */
export function countryName(code: string): string {
  return NAME_BY_CODE.get(code) ?? code
}

export function isCountryCode(text: string): boolean {
  return NAME_BY_CODE.has(text)
}
