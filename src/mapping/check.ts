/**
 * Everything that can be known to be wrong with a mapping before it touches a record: the file against itself,
 * against the live schemas of both accounts, and against what the credentials may do. Never throws for what a
 * person wrote; all problems come at once, in the order of the file.
 */
import { SIDES, type Side } from '../core/record.ts'
import type { ObjectSchema } from '../core/schema.ts'
import { checkDefaults } from './check-defaults.ts'
import { checkFieldEntry } from './check-entry.ts'
import { checkOptions } from './check-options.ts'
import { checkScopes, type MissingScope } from './check-scopes.ts'
import { checkTypes } from './check-types.ts'
import { defaultsOf } from './defaults.ts'
import { suggestion } from './did-you-mean.ts'
import { fieldNames, type FieldReference } from './document.ts'
import type { DocumentPath, MappingDocument } from './load.ts'
import { error, inFileOrder, warning, type Problem } from './problem.ts'
import { resolveFields, shapesOf, type ResolvedField, type Schemas } from './resolve.ts'
import { arityProblem } from './transform-needs.ts'
import { namePath, writes } from './written.ts'

export interface CheckFacts {
  /** Live schemas; a null side means that the account has no such object. Null: check the file alone. */
  readonly schemas: Schemas | null
  readonly missingScope?: MissingScope
}

export function checkMapping(document: MappingDocument, facts: CheckFacts): readonly Problem[] {
  const fields = resolveFields(document, facts.schemas)
  const problems = [
    ...SIDES.flatMap((side) => checkObject(document, side, facts)),
    ...checkMatches(document, facts.schemas),
    ...checkPredicates(document, facts.schemas),
    ...fields.flatMap((field) => checkField(document, field, facts.schemas)),
    ...checkSharedTargets(document, fields),
    ...checkDefaults(document, facts.schemas),
    ...checkRequired(document, fields, facts.schemas),
    ...(facts.missingScope ? checkScopes(document, fields, facts.missingScope) : []),
  ]
  return inFileOrder(problems)
}

function checkObject(document: MappingDocument, side: Side, facts: CheckFacts): readonly Problem[] {
  const { object } = document.body[side]
  const schema = facts.schemas?.[side]
  if (schema === undefined || schema?.object === object) return []
  const at = document.at([side, 'object'])
  if (schema === null) {
    const hint = 'enable it in the account, or correct the name'
    return [error(at, `the ${side} account has no object \`${object}\``, hint)]
  }
  // Vendors know an object by several names; pairs are known by the one in the mapping file.
  const message = `the ${side} account calls \`${object}\` by the name \`${schema.object}\``
  return [error(at, message, `write \`${schema.object}\`: pairs are known by the names of their objects`)]
}

function checkField(
  document: MappingDocument,
  field: ResolvedField,
  schemas: Schemas | null,
): readonly Problem[] {
  const names = SIDES.flatMap((side) =>
    checkNames(document, side, field.entry[side], [...field.path, side], schemas?.[side]),
  )
  const misfit = arityProblem(field)
  if (misfit) return [...names, error(document.at(field.path), misfit.message, misfit.hint)]
  // What unknown fields would be worth is guesswork; their names come first.
  if (names.length > 0) return [...names, ...checkFieldEntry(document, field)]
  return [
    ...checkFieldEntry(document, field),
    ...checkTypes(document, field, schemas),
    ...checkOptions(document, field),
  ]
}

function checkNames(
  document: MappingDocument,
  side: Side,
  reference: FieldReference,
  path: DocumentPath,
  schema: ObjectSchema | null | undefined,
): readonly Problem[] {
  if (!schema) return []
  return fieldNames(reference).flatMap((name, index) => {
    if (schema.fields.has(name)) return []
    const at = document.at(namePath(path, reference, index))
    const hint = suggestion(name, [...schema.fields.keys()], 'create the field there, or remove the entry')
    return [error(at, `${side} ${schema.object} has no field \`${name}\``, hint)]
  })
}

function checkMatches(document: MappingDocument, schemas: Schemas | null): readonly Problem[] {
  if (document.body.match.length === 0) {
    const hint =
      'without one, only records that carry our stamp recognise each other; all others are created anew'
    return [warning(document.at([]), 'the mapping has no `match`', hint)]
  }
  return document.body.match.flatMap((entry, index) =>
    SIDES.flatMap((side) => {
      const path = ['match', index, side]
      const unknown = checkNames(document, side, entry[side], path, schemas?.[side])
      if (unknown.length > 0 || !schemas?.[side] || entry.strength === 'weak') return unknown
      const [name = ''] = fieldNames(entry[side])
      if (schemas[side].fields.get(name)?.unique) return []
      const message = `${side} \`${name}\` is not unique: several records may hold the same value`
      return [warning(document.at(path), message, 'such records go to review; nothing is linked by guess')]
    }),
  )
}

function checkPredicates(document: MappingDocument, schemas: Schemas | null): readonly Problem[] {
  return SIDES.flatMap((side) =>
    Object.entries(document.body.scope[side] ?? {}).flatMap(([name, predicate]) => {
      const path = ['scope', side, name]
      const unknown = checkNames(document, side, name, path, schemas?.[side])
      const options = shapesOf(document, schemas, side, name)[0]?.options ?? []
      if (unknown.length > 0 || options.length === 0) return unknown
      const wanted = [
        ...(predicate.in ?? []),
        ...(predicate.not_in ?? []),
        ...[predicate.equals, predicate.not_equals].filter((word) => word !== undefined),
      ]
      return wanted
        .filter((word) => !options.includes(word))
        .map((word) =>
          error(
            document.at(path),
            `${side} \`${name}\` has no option \`${word}\``,
            suggestion(word, options, 'see its options'),
          ),
        )
    }),
  )
}

/** Two entries that write one field would undo each other for ever. */
function checkSharedTargets(document: MappingDocument, fields: readonly ResolvedField[]): readonly Problem[] {
  return SIDES.flatMap((side) => {
    const writer = new Map<string, string>()
    return fields.flatMap((field) =>
      writes(field, side).flatMap(({ name }) => {
        const first = writer.get(name)
        if (first === undefined) writer.set(name, field.key)
        if (first === undefined) return []
        const hint = 'merge the two entries, or give one of them a direction that does not write it'
        return [
          error(
            document.at(field.path),
            `${side} \`${name}\` is already written by entry \`${first}\``,
            hint,
          ),
        ]
      }),
    )
  })
}

/** A record can only be created when each field the vendor insists on has a source. */
function checkRequired(
  document: MappingDocument,
  fields: readonly ResolvedField[],
  schemas: Schemas | null,
): readonly Problem[] {
  return SIDES.flatMap((side) => {
    const schema = schemas?.[side]
    if (!schema || !document.body.create[side]) return []
    const required = [...schema.fields.values()].filter(
      (field) => field.required && !field.readOnly && !field.defaulted,
    )
    return required.flatMap((field) => {
      const source = fields.find((entry) => writes(entry, side).some(({ name }) => name === field.name))
      if (field.name in defaultsOf(document.body, side)) return []
      if (!source) {
        const hint = `map it, give it one under \`defaults\`, or write create: { ${side}: no }`
        return [
          error(
            document.at(['fields']),
            `${side} ${schema.object} requires \`${field.name}\`, which no entry fills`,
            hint,
          ),
        ]
      }
      if (source.transform !== 'user' || (source.entry.fallback ?? 'leave') !== 'leave') return []
      const message = `${side} \`${field.name}\` is required: a record whose owner is unknown there cannot be created`
      return [
        warning(document.at(source.path), message, 'say who stands in, for example fallback: token-owner'),
      ]
    })
  })
}
