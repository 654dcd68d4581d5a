/** Splits SOQL text into tokens (Salesforce fact sheet 9). */
import { parseDay, parseInstant, stamp } from '../times.ts'
import { queryError } from './malformed.ts'

export type Token =
  | { readonly kind: 'word'; readonly text: string; readonly at: number }
  | { readonly kind: 'symbol'; readonly text: string; readonly at: number }
  | { readonly kind: 'text'; readonly value: string; readonly at: number }
  | { readonly kind: 'number'; readonly value: number; readonly at: number }
  | { readonly kind: 'date' | 'datetime'; readonly value: string; readonly at: number }
  | { readonly kind: 'end'; readonly at: number }

const WORD = /[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*/y
const RELATIVE = /[A-Za-z_]+:\d+/y
const TIME = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})/iy
const DAY = /\d{4}-\d{2}-\d{2}/y
const NUMBER = /[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y
const SYMBOL = /<=|>=|!=|<>|[(),=<>]/y
const BLANK = /\s+/y

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  N: '\n',
  r: '\r',
  R: '\r',
  t: '\t',
  T: '\t',
  b: '\b',
  B: '\b',
  f: '\f',
  F: '\f',
  '"': '"',
  "'": "'",
  '\\': '\\',
  // Kept for LIKE, where they make a wildcard a character; elsewhere they are that character.
  _: '\\_',
  '%': '\\%',
}

export function tokenize(soql: string): readonly Token[] {
  const tokens: Token[] = []
  let at = 0
  const match = (pattern: RegExp): string | null => {
    pattern.lastIndex = at
    return pattern.exec(soql)?.[0] ?? null
  }
  while (at < soql.length) {
    const blank = match(BLANK)
    if (blank !== null) {
      at += blank.length
      continue
    }
    const token = soql[at] === "'" ? textAt(soql, at) : plainAt(soql, at, match)
    tokens.push(token.token)
    at = token.end
  }
  tokens.push({ kind: 'end', at: soql.length })
  return tokens
}

interface Found {
  readonly token: Token
  readonly end: number
}

function plainAt(soql: string, at: number, match: (pattern: RegExp) => string | null): Found {
  const time = match(TIME)
  if (time !== null) {
    const ms = parseInstant(time)
    if (ms === null) throw unexpected(soql, at, time)
    return { token: { kind: 'datetime', value: stamp(ms), at }, end: at + time.length }
  }
  const day = match(DAY)
  if (day !== null) {
    const value = parseDay(day)
    if (value === null) throw unexpected(soql, at, day)
    return { token: { kind: 'date', value, at }, end: at + day.length }
  }
  const word = match(RELATIVE) ?? match(WORD)
  if (word !== null) return { token: { kind: 'word', text: word, at }, end: at + word.length }
  const symbol = match(SYMBOL)
  if (symbol !== null) {
    const text = symbol === '<>' ? '!=' : symbol
    return { token: { kind: 'symbol', text, at }, end: at + symbol.length }
  }
  const number = match(NUMBER)
  if (number !== null) {
    return { token: { kind: 'number', value: Number(number), at }, end: at + number.length }
  }
  throw unexpected(soql, at, soql.charAt(at))
}

/** A text between single quotes, with the escapes of fact sheet 9. */
function textAt(soql: string, start: number): Found {
  let value = ''
  for (let at = start + 1; at < soql.length; at++) {
    const character = soql.charAt(at)
    if (character === "'") return { token: { kind: 'text', value, at: start }, end: at + 1 }
    if (character !== '\\') {
      value += character
      continue
    }
    at++
    const escape = soql.charAt(at)
    const code = /^u[0-9a-f]{4}$/i.test(soql.slice(at, at + 5)) ? soql.slice(at + 1, at + 5) : null
    if (code !== null) {
      value += String.fromCharCode(Number.parseInt(code, 16))
      at += 4
    } else {
      const plain = ESCAPES[escape]
      if (plain === undefined) {
        throw queryError('MALFORMED_QUERY', soql, {
          at: at - 1,
          message: `Illegal escape sequence '\\${escape}'`,
        })
      }
      // A backslash that LIKE must not take for the start of an escape.
      value += plain === '\\' ? '\\\\' : plain
    }
  }
  throw queryError('MALFORMED_QUERY', soql, { at: start, message: 'unclosed string literal' })
}

function unexpected(soql: string, at: number, found: string): Error {
  return queryError('MALFORMED_QUERY', soql, { at, message: `unexpected token: '${found}'` })
}

/** A literal as plain text: escaped wildcards and backslashes are the characters themselves. */
export function plainText(value: string): string {
  return value.replaceAll(/\\([\\_%])/g, '$1')
}
