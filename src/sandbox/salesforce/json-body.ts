/** Bodies in JSON, and what the vendor says of broken ones: its parser names the character and the place. */
import { jsonProblem } from './wire.ts'

export function parseBody(text: string | null): unknown {
  if (text === null || text === '') {
    throw jsonProblem('The HTTP entity body is required, but this request has no entity body.')
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw jsonProblem(complaint(text, error instanceof Error ? error.message : String(error)))
  }
}

/** Part of what our parser says → what theirs expects in that place. */
const EXPECTED: readonly (readonly [RegExp, string])[] = [
  [/Expected (double-quoted )?property name/, 'was expecting double-quote to start field name'],
  [/Expected ':'/, 'was expecting a colon to separate field name and value'],
  [/Expected ',' or '}'/, 'was expecting comma to separate OBJECT entries'],
  [/Expected ',' or ']'/, 'was expecting comma to separate ARRAY entries'],
]

const VALUE = "expected a valid value (number, String, array, object, 'true', 'false' or 'null')"

function complaint(text: string, reason: string): string {
  const [, position] = /at position (\d+)/.exec(reason) ?? []
  const at = position === undefined ? null : Number(position)
  const character = at === null ? /^Unexpected token '(.)'/su.exec(reason)?.[1] : text[at]
  if (character === undefined) return `Unexpected end-of-input${place(text, text.length)}`
  const expected = EXPECTED.find(([pattern]) => pattern.test(reason))?.[1] ?? VALUE
  const found = `Unexpected character ('${character}' (code ${character.codePointAt(0)}))`
  return `${found}: ${expected}${at === null ? '' : place(text, at + 1)}`
}

/** After so many characters; lines and columns begin with 1. */
function place(text: string, after: number): string {
  const lines = text.slice(0, after).split('\n')
  return ` at [line:${lines.length}, column:${(lines.at(-1)?.length ?? 0) + 1}]`
}
