/**
 * Internet domains: the bare host in lower-case ASCII. No vendor documents what it does with schemes,
 * `www.` and umlauts, so all of it is taken off before comparing (Attio fact sheet 11).
 */
import { parse } from 'tldts'
import { remembered } from '../../remembered.ts'
import type { ElementKind } from './element.ts'
import { elementTransform } from './arrangement.ts'
import { trimmedText } from './plain-text.ts'
import { keep, value, type Transform, type TransformSpec } from './transform.ts'

export const domainKind: ElementKind = {
  canonise: (raw) => {
    const text = trimmedText(raw)?.toLowerCase() ?? null
    return text === null ? null : (bareHost(text) ?? text)
  },
  fit: (canonical, target) =>
    target.type === 'text' || (typeof canonical === 'string' && isDomain(canonical))
      ? value(canonical)
      : keep('not a domain'),
  encode: (canonical) => canonical,
}

/** Whether a canonical value is a bare domain. */
export function isDomain(canonical: string): boolean {
  return bareHost(canonical) === canonical
}

export function domainTransform(spec: TransformSpec): Transform {
  return elementTransform(domainKind, spec)
}

/** A domain is read as often as a phone number, and takes nearly as long. */
const HOSTS_MAX = 2_000

/** Host of a domain or web address without `www.`; null when it has no domain with a dot. */
const bareHost = remembered((text: string) => {
  const { hostname, domain, isIp } = parse(text)
  if (hostname === null || domain === null || isIp) return null
  const host = hostname.replace(/^(?:www\.)+(?=[^.]+\.)/, '').replace(/\.$/, '')
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : null
}, HOSTS_MAX)
