/**
 * Reads a TypeScript file far enough to judge its architecture: what it imports, its code without comments and
 * string contents, and its string contents. Not a parser: it knows where comments, strings, templates and regular
 * expressions begin and end, which is all that is needed and never out of date.
 */

export interface Import {
  readonly specifier: string
  /** `type` vanishes when the program starts; `dynamic` is loaded while it runs. */
  readonly kind: 'value' | 'type' | 'dynamic'
  readonly line: number
}

export interface ScannedSource {
  readonly imports: readonly Import[]
  /** Same length and lines as the source; comments and the contents of strings are blanks. */
  readonly code: string
  /** Same length and lines as the source; everything but the contents of strings is blank. */
  readonly strings: string
}

export function scanSource(source: string): ScannedSource {
  const { code, strings } = separate(source)
  return { imports: findImports(code, source), code, strings }
}

/** After these a slash begins a regular expression; after anything else it divides. */
const BEFORE_REGEXP = /(?:^|[([{,;:=!&|?+\-*%~^<>]|\b(?:return|typeof|case|in|of|void|await))\s*$/

function separate(source: string): { code: string; strings: string } {
  const code: string[] = []
  const strings: string[] = []
  let at = 0
  const emit = (text: string, into: 'code' | 'strings' | 'nowhere') => {
    const blank = text.replaceAll(/[^\n]/g, ' ')
    code.push(into === 'code' ? text : blank)
    strings.push(into === 'strings' ? text : blank)
    at += text.length
  }
  /** One entry per open template expression: how many braces are open inside it. */
  const templates: number[] = []
  const templateText = () => {
    const text = /^(?:[^`\\$]|\\[^]|\$(?!\{))*/.exec(source.slice(at))?.[0] ?? ''
    emit(text, 'strings')
    if (source.startsWith('${', at)) {
      emit('${', 'code')
      templates.push(0)
    } else {
      emit(source.slice(at, at + 1), 'code')
    }
  }
  while (at < source.length) {
    const rest = source.slice(at, at + 2)
    const char = rest.charAt(0)
    const open = templates.length - 1
    if (rest === '//') emit(until('\n', source, at), 'nowhere')
    else if (rest === '/*') emit(`${until('*/', source, at)}*/`, 'nowhere')
    else if (char === "'" || char === '"') {
      const literal = /^(['"])(?:[^\\\n]|\\[^])*?\1/.exec(source.slice(at))?.[0] ?? char
      emit(char, 'code')
      emit(literal.slice(1, -1), 'strings')
      emit(literal.slice(-1), 'code')
    } else if (char === '`') {
      emit('`', 'code')
      templateText()
    } else if (char === '/' && BEFORE_REGEXP.test(source.slice(Math.max(0, at - 40), at))) {
      emit(
        /^\/(?:[^\\/[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/.exec(source.slice(at))?.[0] ?? char,
        'strings',
      )
    } else if (char === '}' && templates[open] === 0) {
      templates.pop()
      emit('}', 'code')
      templateText()
    } else {
      if (char === '{' && open >= 0) templates[open] = (templates[open] ?? 0) + 1
      if (char === '}' && open >= 0) templates[open] = (templates[open] ?? 0) - 1
      emit(char, 'code')
    }
  }
  return { code: code.join(''), strings: strings.join('') }
}

function until(end: string, source: string, from: number): string {
  const found = source.indexOf(end, from)
  return found < 0 ? source.slice(from) : source.slice(from, found)
}

const STATEMENT = /\b(?:import|export)\b\s*(type\b)?([^'"`;]*?)\bfrom\s*['"]|\bimport\s*(\()?\s*['"]/g

/** Found in the code, where no string can look like an import; the specifier is read from the source. */
function findImports(code: string, source: string): Import[] {
  return [...code.matchAll(STATEMENT)].map((match): Import => {
    const start = match.index + match[0].length
    const quote = source.charAt(start - 1)
    const specifier = source.slice(start, source.indexOf(quote, start))
    const line = code.slice(0, match.index).split('\n').length
    const [, typeOnly, names = '', dynamic] = match
    if (dynamic) return { specifier, kind: 'dynamic', line }
    return { specifier, kind: typeOnly || isAllTypes(names) ? 'type' : 'value', line }
  })
}

/** `{ type A, type B }` is erased as well. */
function isAllTypes(names: string): boolean {
  const inside = /^\s*\{([^]*)\}\s*$/.exec(names)?.[1]
  const each = inside?.split(',').filter((name) => name.trim() !== '') ?? []
  return each.length > 0 && each.every((name) => /^\s*type\s/.test(name))
}
