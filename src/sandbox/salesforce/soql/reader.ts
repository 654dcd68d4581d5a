/** Walks through the tokens of a query. */
import type { Problem } from '../wire.ts'
import { queryError } from './malformed.ts'
import { tokenize, type Token } from './tokens.ts'

type Word = Extract<Token, { kind: 'word' }>

/** Words that end a list of names, and so cannot be aliases. */
const KEYWORDS = new Set([
  'and',
  'asc',
  'desc',
  'excludes',
  'for',
  'from',
  'group',
  'having',
  'in',
  'includes',
  'like',
  'limit',
  'not',
  'nulls',
  'offset',
  'or',
  'order',
  'select',
  'using',
  'where',
  'with',
])

export class Reader {
  readonly soql: string
  private readonly tokens: readonly Token[]
  private position = 0

  constructor(soql: string) {
    this.soql = soql
    this.tokens = tokenize(soql)
  }

  peek(ahead = 0): Token {
    return this.tokens[Math.min(this.position + ahead, this.tokens.length - 1)] as Token
  }

  next(): Token {
    const token = this.peek()
    this.position++
    return token
  }

  isWord(text?: string): boolean {
    const token = this.peek()
    return token.kind === 'word' && (text === undefined || token.text.toLowerCase() === text)
  }

  isKeyword(): boolean {
    const token = this.peek()
    return token.kind === 'word' && KEYWORDS.has(token.text.toLowerCase())
  }

  isSymbol(text: string): boolean {
    const token = this.peek()
    return token.kind === 'symbol' && token.text === text
  }

  /** `name(`. */
  isCall(name: string): boolean {
    const after = this.peek(1)
    return this.isWord(name) && after.kind === 'symbol' && after.text === '('
  }

  takeWord(text: string): boolean {
    if (!this.isWord(text)) return false
    this.position++
    return true
  }

  takeWords(first: string, second: string): boolean {
    if (!this.takeWord(first)) return false
    this.expect(second)
    return true
  }

  takeSymbol(text: string): boolean {
    if (!this.isSymbol(text)) return false
    this.position++
    return true
  }

  expect(word: string): void {
    if (!this.takeWord(word)) throw this.unexpected()
  }

  expectSymbol(text: string): void {
    if (!this.takeSymbol(text)) throw this.unexpected()
  }

  word(): Word {
    const token = this.peek()
    if (token.kind !== 'word' || (this.isKeyword() && !this.isCall(token.text.toLowerCase()))) {
      throw this.unexpected()
    }
    this.position++
    return token
  }

  name(): string {
    return this.word().text
  }

  /** A whole number that is not negative. */
  count(): number {
    const token = this.peek()
    if (token.kind !== 'number' || !Number.isInteger(token.value) || token.value < 0) throw this.unexpected()
    this.position++
    return token.value
  }

  end(): void {
    if (this.peek().kind !== 'end') throw this.unexpected()
  }

  unexpected(): Problem {
    const token = this.peek()
    if (token.kind === 'end') return this.malformed(token.at, "unexpected token: '<EOF>'")
    const text = token.kind === 'word' || token.kind === 'symbol' ? token.text : String(token.value)
    return this.malformed(token.at, `unexpected token: '${text}'`)
  }

  malformed(at: number, message: string): Problem {
    return queryError('MALFORMED_QUERY', this.soql, { at, message })
  }
}
