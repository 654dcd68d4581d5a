/**
 * Domains, e-mail addresses and phone numbers: what the vendor accepts and how it normalises. Attio fact
 * sheet 11. What is not documented about domains (case, scheme, `www.`, IDN) is normalised, `www.` by setting.
 */
import { domainToASCII } from 'node:url'
import { parsePhoneNumberFromString } from 'libphonenumber-js/max'
import type { CountryCode } from 'libphonenumber-js/max'
import { getDomain } from 'tldts'
import { COUNTRY_CODES } from './countries.ts'
import type { ValueData } from './value.ts'

type Data<K extends ValueData['kind']> = Extract<ValueData, { kind: K }>

const HOST_LABEL = /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?$/

/** The registrable domain; for a host that is itself a public suffix, the host. */
const rootDomain = (host: string): string => getDomain(host) ?? host

/** The normalised host of a domain as people write it, or null when there is none in it. */
export function normaliseDomain(text: string, options: { stripWww: boolean }): string | null {
  const host = text
    .trim()
    .replace(/^[a-z][a-z0-9+.-]*:\/\//i, '')
    .replace(/[/?#].*$/s, '')
    .replace(/^[^@]*@/, '')
    .replace(/:\d+$/, '')
    .replace(/\.$/, '')
  const ascii = domainToASCII(host).toLowerCase()
  const bare = options.stripWww ? ascii.replace(/^www\.(?=.+\.)/, '') : ascii
  const labels = bare.split('.')
  const isHost = labels.length > 1 && bare.length <= 253 && labels.every((label) => HOST_LABEL.test(label))
  return isHost && !/^\d+$/.test(labels.at(-1) ?? '') ? bare : null
}

export function parseDomain(text: string, options: { stripWww: boolean }): Data<'domain'> | null {
  const domain = normaliseDomain(text, options)
  return domain === null ? null : { kind: 'domain', domain, root: rootDomain(domain) }
}

const LOCAL_PART = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/

/** Lower-cased; plus tags and dots stay what they are. */
export function parseEmail(text: string): Data<'email-address'> | null {
  const address = text.trim().toLowerCase()
  const at = address.lastIndexOf('@')
  const [local, host] = [address.slice(0, at), address.slice(at + 1)]
  if (at < 1 || local.length > 64 || !LOCAL_PART.test(local)) return null
  const domain = normaliseDomain(host, { stripWww: false })
  if (domain === null || /[/:?#@\s]/.test(host)) return null
  return {
    kind: 'email-address',
    original: text,
    address: `${local}@${domain}`,
    domain,
    root: rootDomain(domain),
    local,
  }
}

/** Real numbering-plan validation; without `country` the number must carry its prefix. */
export function parsePhone(text: string, country: string | null): Data<'phone-number'> | null {
  if (country === null && !text.trim().startsWith('+')) return null
  const number = parsePhoneNumberFromString(
    text,
    country === null ? {} : { defaultCountry: country as CountryCode },
  )
  if (!number?.isValid()) return null
  const found = number.country ?? country ?? number.getPossibleCountries()[0]
  if (!found || !COUNTRY_CODES.has(found)) return null
  return { kind: 'phone-number', original: text, number: number.number, country: found }
}
