/** Parses the conditions of `WHERE` and `HAVING`. Mixing AND and OR needs parentheses (Salesforce fact sheet 9). */
import type { Comparison, Condition, Literal, Operand, Query } from './ast.ts'
import type { Reader } from './reader.ts'

/** A string literal in a condition may not be longer (fact sheet 7). */
const LITERAL_MAX = 4_000

const RELATIVE =
  /^(yesterday|today|tomorrow|(last|this|next)_(week|month|(fiscal_)?(quarter|year))|(last|next)_90_days)$/i
const RELATIVE_N =
  /^((?:last|next)_n_(?:days|weeks|months|(?:fiscal_)?(?:quarters|years))|n_(?:days|weeks|months|(?:fiscal_)?(?:quarters|years))_ago):(\d+)$/i

const COMPARISONS = new Set(['=', '!=', '<', '<=', '>', '>='])

export class ConditionParser {
  private readonly reader: Reader
  private readonly parts: { readonly subquery: () => Query; readonly call: () => Operand }

  constructor(reader: Reader, parts: { subquery: () => Query; call: () => Operand }) {
    this.reader = reader
    this.parts = parts
  }

  parse(): Condition {
    const { reader } = this
    const first = this.term()
    const kind = reader.isWord('and') ? 'and' : 'or'
    const conditions = [first]
    while (reader.takeWord(kind)) conditions.push(this.term())
    // The other word here means that both were mixed.
    if (conditions.length > 1 && (reader.isWord('and') || reader.isWord('or'))) throw reader.unexpected()
    return conditions.length === 1 ? first : { kind, conditions }
  }

  private term(): Condition {
    const { reader } = this
    if (reader.takeWord('not')) return { kind: 'not', condition: this.term() }
    if (reader.takeSymbol('(')) {
      const inner = this.parse()
      reader.expectSymbol(')')
      return inner
    }
    return this.comparison()
  }

  private comparison(): Condition {
    const { reader } = this
    const operand = this.operand()
    if (reader.takeWord('like')) {
      return { kind: 'compare', operand, operator: 'like', value: this.literal() }
    }
    const negated = reader.takeWord('not')
    if (reader.takeWord('in')) return { kind: 'in', operand, negated, values: this.list() }
    if (negated) throw reader.unexpected()
    for (const word of ['includes', 'excludes'] as const) {
      if (!reader.takeWord(word)) continue
      reader.expectSymbol('(')
      return { kind: 'includes', operand, negated: word === 'excludes', values: this.literals() }
    }
    const token = reader.peek()
    if (token.kind !== 'symbol' || !COMPARISONS.has(token.text)) throw reader.unexpected()
    reader.next()
    return { kind: 'compare', operand, operator: token.text as Comparison, value: this.literal() }
  }

  private operand(): Operand {
    const { reader } = this
    const after = reader.peek(1)
    if (reader.isWord() && after.kind === 'symbol' && after.text === '(') return this.parts.call()
    const { text, at } = reader.word()
    return { kind: 'field', path: { segments: text.split('.'), at, fn: null } }
  }

  private list(): readonly Literal[] | Query {
    const { reader } = this
    reader.expectSymbol('(')
    if (!reader.isWord('select')) return this.literals()
    const query = this.parts.subquery()
    reader.expectSymbol(')')
    return query
  }

  /** After the opening parenthesis, through the closing one. */
  private literals(): readonly Literal[] {
    const { reader } = this
    const values = [this.literal()]
    while (reader.takeSymbol(',')) values.push(this.literal())
    reader.expectSymbol(')')
    return values
  }

  private literal(): Literal {
    const { reader } = this
    const token = reader.peek()
    const { at } = token
    switch (token.kind) {
      case 'text':
        if (token.value.length > LITERAL_MAX) {
          throw reader.malformed(at, `maximum length of a string literal is ${LITERAL_MAX}`)
        }
        reader.next()
        return { kind: 'text', value: token.value, at }
      case 'number':
        reader.next()
        return { kind: 'number', value: token.value, at }
      case 'date':
      case 'datetime':
        reader.next()
        return { kind: token.kind, value: token.value, at }
      case 'word': {
        const word = wordLiteral(token.text, at)
        if (word === null) throw reader.unexpected()
        reader.next()
        return word
      }
      case 'symbol':
      case 'end':
        throw reader.unexpected()
    }
  }
}

function wordLiteral(text: string, at: number): Literal | null {
  const word = text.toLowerCase()
  if (word === 'null') return { kind: 'null', at }
  if (word === 'true' || word === 'false') return { kind: 'boolean', value: word === 'true', at }
  if (RELATIVE.test(word)) return { kind: 'relative', name: word, count: 0, at }
  const [, name, count] = RELATIVE_N.exec(word) ?? []
  return name === undefined ? null : { kind: 'relative', name, count: Number(count), at }
}
