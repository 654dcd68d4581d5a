/**
 * Reads and writes the XML of SOAP envelopes: elements and text, prefixes dropped. No DTD, no entities beyond the five, which is
 * all that SOAP allows; a general parser would bring six packages for five calls.
 */
import { refusal } from './wire.ts'

export interface Element {
  /** Without its prefix. */
  readonly name: string
  readonly children: readonly Element[]
  readonly text: string
}

interface Open {
  readonly name: string
  readonly children: Element[]
  text: string
}

const TOKEN =
  /<\?[\s\S]*?\?>|<!--[\s\S]*?-->|<\/([^\s>]+)\s*>|<([^\s/>!?]+)((?:\s+[^\s=>]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>|([^<]+)/gy

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
}

/** The root element. Throws the vendor's refusal when the text is no XML. */
export function parseXml(text: string): Element {
  const root: Open = { name: '', children: [], text: '' }
  const stack: Open[] = [root]
  let end = 0
  TOKEN.lastIndex = 0
  for (const match of text.trim().matchAll(TOKEN)) {
    end = match.index + match[0].length
    const [, closed, opened, , isEmpty, content] = match
    const top = stack.at(-1) ?? root
    if (content !== undefined) top.text += decode(content)
    else if (opened !== undefined) {
      const element: Open = { name: local(opened), children: [], text: '' }
      top.children.push(element)
      if (isEmpty === '') stack.push(element)
    } else if (closed !== undefined) {
      if (stack.length < 2 || top.name !== local(closed)) throw malformed()
      stack.pop()
    }
  }
  const [first] = root.children
  if (end !== text.trim().length || stack.length > 1 || first === undefined) throw malformed()
  return first
}

export function childrenOf(element: Element, name?: string): readonly Element[] {
  return name === undefined ? element.children : element.children.filter((child) => child.name === name)
}

/** The first element of this name, wherever it is. */
export function findElement(element: Element, name: string): Element | null {
  if (element.name === name) return element
  for (const child of element.children) {
    const found = findElement(child, name)
    if (found !== null) return found
  }
  return null
}

export function textOf(element: Element): string {
  return element.text
}

export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** Members as elements: lists repeat theirs, what has no value says so. */
export function printElements(members: object): string {
  return Object.entries(members)
    .flatMap(([name, value]: [string, unknown]) =>
      (Array.isArray(value) ? value : [value]).map((each: unknown) => element(name, each)),
    )
    .join('')
}

function element(name: string, value: unknown): string {
  if (value === null || value === undefined) return `<${name} xsi:nil="true"/>`
  const inner =
    typeof value === 'object' ? printElements(value) : escapeXml(String(value as string | number | boolean))
  return `<${name}>${inner}</${name}>`
}

function local(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}

function decode(text: string): string {
  return text.replaceAll(/&(#x[0-9a-f]+|#\d+|\w+);/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return ENTITIES[name] ?? whole
    const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1))
    return String.fromCodePoint(code)
  })
}

function malformed(): Error {
  return refusal('INVALID_XML', 'the request is not well-formed XML')
}
