/**
 * Mapping text → document. Every problem is found in one go and points at the exact line and column, because
 * the people who edit these files should never have to guess what the program disliked.
 */
import { LineCounter, isMap, isPair, isScalar, parseDocument, visit, type Document } from 'yaml'
import type { z } from 'zod'
import type { SourcePosition } from '../errors.ts'
import { suggestion } from './did-you-mean.ts'
import { mappingBody, type MappingBody } from './document.ts'
import { error, inFileOrder, throwOnErrors, warning, type Problem } from './problem.ts'
import { knownKeys } from './zod-keys.ts'

export type DocumentPath = readonly (string | number)[]

/** A file that could be read: what it says, and where it says it. */
export interface PositionedDocument<Body> {
  readonly file: string
  readonly body: Body
  /** Position of the deepest part of `path` that the file spells out. */
  at(path: DocumentPath): SourcePosition
}

export interface ParsedDocument<Body> {
  /** Null when there is any error. */
  readonly document: PositionedDocument<Body> | null
  readonly problems: readonly Problem[]
}

export type MappingDocument = PositionedDocument<MappingBody>
export type ParsedMapping = ParsedDocument<MappingBody>

/** Reads a mapping file. `file` is only used in positions. Never throws for what the text contains. */
export function parseMapping(text: string, file: string): ParsedMapping {
  return parseYaml(mappingBody, text, file, {
    prepare: keepNumbersAsWritten,
    help: 'see mappings/README.md for an example',
  })
}

export interface YamlOptions {
  /** Adjusts the parsed tree before it is validated. */
  readonly prepare?: (yaml: Document) => void
  /** Where the language is explained, for problems without a better hint. */
  readonly help: string
}

/** Reads any YAML file of ours against its schema, with a position for every problem. */
export function parseYaml<Body>(
  schema: z.ZodType<Body>,
  text: string,
  file: string,
  options: YamlOptions,
): ParsedDocument<Body> {
  const lines = new LineCounter()
  const yaml = parseDocument(text, { lineCounter: lines, version: '1.2', prettyErrors: false })
  const positionAt = (offset: number): SourcePosition => {
    const { line, col } = lines.linePos(offset)
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const syntax = [
    ...yaml.errors.map((cause) => error(positionAt(cause.pos[0]), yamlMessage(cause), yamlHint(cause.code))),
    ...yaml.warnings.map((cause) =>
      warning(positionAt(cause.pos[0]), yamlMessage(cause), yamlHint(cause.code)),
    ),
  ]
  if (yaml.errors.length > 0) return { document: null, problems: inFileOrder(syntax) }

  options.prepare?.(yaml)
  const at = (path: DocumentPath): SourcePosition => positionAt(offsetOf(yaml, path))
  const parsed = schema.safeParse(yaml.toJS() ?? {})
  if (!parsed.success && yaml.contents === null) {
    return { document: null, problems: [error(positionAt(0), 'the file is empty', options.help)] }
  }
  if (!parsed.success) {
    const faults = parsed.error.issues.flatMap((issue) =>
      explain(issue, { schema, yaml, at, help: options.help }),
    )
    return { document: null, problems: inFileOrder([...syntax, ...faults]) }
  }
  return { document: { file, body: parsed.data, at }, problems: inFileOrder(syntax) }
}

/** As `parseMapping`, for callers that cannot go on: throws the first error as `ConfigError`, the rest listed. */
export function loadMapping(text: string, file: string): MappingDocument {
  const { document, problems } = parseMapping(text, file)
  throwOnErrors(problems)
  if (!document) throw new TypeError('a mapping without problems has a document')
  return document
}

/**
 * A double cannot hold every amount, and `12.50` as an option value is not `12.5`: numbers stay text as
 * written, except where the language itself asks for one.
 */
function keepNumbersAsWritten(yaml: Document): void {
  visit(yaml, {
    Scalar(key, node, path) {
      if (typeof node.value !== 'number' && typeof node.value !== 'bigint') return
      const parent = path.at(-1)
      const owner = isPair(parent) && key === 'value' && isScalar(parent.key) ? parent.key.value : null
      // Inside fixtures and tables these words would be field names or values, at any depth but these two.
      const isLanguageKey =
        (owner === 'version' && path.length <= 3) || (owner === 'scale' && path.length === 6)
      if (!isLanguageKey) node.value = node.source ?? String(node.value)
    },
  })
}

function yamlMessage(cause: { readonly message: string; readonly code: string }): string {
  if (cause.code === 'DUPLICATE_KEY') return 'this key appears twice; only one of them can count'
  return cause.message.split('\n')[0] ?? cause.message
}

function yamlHint(code: string): string {
  switch (code) {
    case 'DUPLICATE_KEY':
      return 'remove one of the two'
    case 'TAB_AS_INDENT':
      return 'indent with spaces'
    case 'MULTIPLE_DOCS':
      return 'one document per file: remove the `---` line'
    default:
      return 'check brackets, quotes, colons and indentation around here'
  }
}

type Issue = z.core.$ZodIssue

interface Reading {
  readonly schema: z.ZodType
  readonly yaml: Document
  readonly at: (path: DocumentPath) => SourcePosition
  readonly help: string
}

/** One problem per fault, in words of the file rather than of the validator. */
function explain(issue: Issue, file: Reading): readonly Problem[] {
  const { schema, yaml, at, help } = file
  const path = issue.path.filter((part) => typeof part !== 'symbol')
  const here = at(path)
  const key = path.at(-1) ?? ''
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((unknown) =>
        error(
          at([...path, unknown]),
          `unknown key \`${unknown}\``,
          suggestion(unknown, knownKeys(schema, path), 'remove it'),
        ),
      )
    case 'invalid_value': {
      const allowed = issue.values.map(String)
      if (isMissing(yaml, path)) return [missing(here, key, `one of: ${allowed.join(', ')}`)]
      const found = String(yaml.getIn(path))
      const expected =
        allowed.length === 1 ? `expected ${allowed[0]}` : `not one of the ${allowed.length} known words`
      return [
        error(here, `\`${found}\`: ${expected}`, suggestion(found, allowed, `one of: ${allowed.join(', ')}`)),
      ]
    }
    case 'invalid_type':
      if (isMissing(yaml, path))
        return [missing(here, key, `${expectedWords(issue.expected)} is needed here`)]
      return [error(here, `expected ${expectedWords(issue.expected)}`, help)]
    default:
      if (isMissing(yaml, path)) return [missing(here, key, issue.message)]
      return [error(here, issue.message, help)]
  }
}

function missing(at: SourcePosition, key: string | number, hint: string): Problem {
  return error(at, `\`${key}\` is missing`, hint)
}

function isMissing(yaml: Document, path: DocumentPath): boolean {
  return path.length > 0 && !yaml.hasIn(path)
}

function expectedWords(expected: string): string {
  switch (expected) {
    case 'object':
    case 'record':
      return 'keys with values (`key: value`)'
    case 'array':
      return 'a list'
    case 'string':
      return 'text'
    case 'int':
    case 'number':
      return 'a whole number'
    default:
      return expected
  }
}

/** Where a path is written; for a key, the key itself, as that is what people search for. */
function offsetOf(yaml: Document, path: DocumentPath): number {
  for (let length = path.length; length > 0; length--) {
    const parent: unknown = length === 1 ? yaml.contents : yaml.getIn(path.slice(0, length - 1), true)
    const last = path[length - 1]
    if (isMap(parent)) {
      const pair = parent.items.find((item) => isScalar(item.key) && String(item.key.value) === String(last))
      if (pair && isScalar(pair.key) && pair.key.range) return pair.key.range[0]
    } else if (last !== undefined) {
      const node: unknown = yaml.getIn(path.slice(0, length), true)
      const range = hasRange(node) ? node.range : null
      if (range) return range[0]
    }
  }
  return yaml.contents?.range?.[0] ?? 0
}

function hasRange(node: unknown): node is { readonly range: readonly number[] & { 0: number } } {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)
}
