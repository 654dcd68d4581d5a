/** Raw value → text, for every canoniser that starts from text. Total: anything has some text. */
import { canonicalText, isList, type FieldValue } from '../../core/value.ts'

/** Most text looks like this already: printable ASCII, single blanks, none around. */
const TIDY = /^[!-~]+(?: [!-~]+)*$/

/** NFC, line feeds only, no blanks around. Null for blank. Vendors differ in all three and mean the same. */
export function trimmedText(raw: FieldValue): string | null {
  if (typeof raw === 'string' && TIDY.test(raw)) return raw
  const text = rawText(raw)?.normalize('NFC').replaceAll(/\r\n?/g, '\n').trim()
  return text === undefined || text === '' ? null : text
}

/** As `trimmedText`, with every run of white space as one blank: for names, phone numbers, address lines. */
export function collapsedText(raw: FieldValue): string | null {
  if (typeof raw === 'string' && TIDY.test(raw)) return raw
  return trimmedText(raw)?.replaceAll(/\s+/g, ' ') ?? null
}

function rawText(raw: FieldValue): string | null {
  if (raw === null) return null
  if (typeof raw === 'string') return raw
  if (typeof raw === 'boolean') return String(raw)
  if (isList(raw)) {
    const [only, ...others] = raw
    return only === undefined ? null : others.length === 0 ? rawText(only) : canonicalText(raw)
  }
  return canonicalText(raw)
}

/** The elements of a raw value: a list's own, a single value as a list of one, none when blank. */
export function rawElements(raw: FieldValue): readonly FieldValue[] {
  if (raw === null || raw === '') return []
  return isList(raw) ? raw.filter((element) => element !== null && element !== '') : [raw]
}
