/** Document → the rules that the core runs: pure functions and settings, no YAML left. */
import type { Both, Side } from '../core/record.ts'
import { SIDES } from '../core/record.ts'
import type { FieldRule, ObjectRules } from '../core/rules.ts'
import { hashText } from '../core/fingerprint.ts'
import { canonicalText, type FieldValues, type Json } from '../core/value.ts'
import { ConfigError } from '../errors.ts'
import { creationDefaults, standInsOf, withStandIns, withoutStandIns } from './defaults.ts'
import { fieldNames, mappingName, type MappingBody } from './document.ts'
import type { MappingDocument } from './load.ts'
import { matchRule } from './match.ts'
import { policyOf, seedPolicyOf } from './policy.ts'
import { resolveFields, shapesOf, type ResolvedField, type Schemas } from './resolve.ts'
import { scopePredicate } from './scope.ts'
import { arityProblem } from './transform-needs.ts'
import { TRANSFORMS } from './transforms/registry.ts'

export interface CompileOptions {
  /** Live schemas; null (or a null side) compiles from the standard fields alone, as fixtures do. */
  readonly schemas?: Schemas | null
  /** Field on each side's records that holds the other side's record id. */
  readonly stamps?: Both<string | null>
}

/**
 * Compiles a mapping. Run `checkMapping` first: what it reports as an error may compile into rules that hold
 * fields back. Throws `ConfigError` where an entry cannot mean anything (a stage without its pipeline).
 */
export function compileMapping(document: MappingDocument, options: CompileOptions = {}): ObjectRules {
  const { body } = document
  const schemas = options.schemas ?? null
  const stamps = options.stamps ?? { left: null, right: null }
  const resolved = resolveFields(document, schemas)
  const fields = resolved.map((field) => fieldRule(document, field))
  const regionOf = phoneRegions(resolved)
  const match = body.match.map((entry, index) => {
    const shapes = {
      left: shapesOf(document, schemas, 'left', entry.left),
      right: shapesOf(document, schemas, 'right', entry.right),
    }
    const rule = matchRule(entry, shapes, document.at(['match', index]), regionOf(shapes.left[0]?.name))
    const keysOn = (side: Side) => {
      const standIns = standInsOf(body, side, shapes[side])
      return (values: FieldValues) => rule.keys[side](withoutStandIns(values, standIns))
    }
    return { ...rule, keys: { left: keysOn('left'), right: keysOn('right') } }
  })
  return {
    mapping: mappingName(body),
    pairing: body.pairing,
    object: { left: body.left.object, right: body.right.object },
    fields,
    match,
    create: body.create,
    defaults: {
      left: creationDefaults(body, 'left', (name) => shapesOf(document, schemas, 'left', name)[0]),
      right: creationDefaults(body, 'right', (name) => shapesOf(document, schemas, 'right', name)[0]),
    },
    onDelete: { left: body.delete['left-to-right'], right: body.delete['right-to-left'] },
    stamp: stamps,
    stampWhen: body.stamp,
    inScope: { left: scopePredicate(body.scope.left), right: scopePredicate(body.scope.right) },
    reads: { left: reads(body, 'left', stamps.left), right: reads(body, 'right', stamps.right) },
    version: versionOf(body, resolved, stamps),
  }
}

function fieldRule(document: MappingDocument, field: ResolvedField): FieldRule {
  const { entry, key, path, spec } = field
  const at = document.at(path)
  const misfit = arityProblem(field)
  if (misfit) throw new ConfigError(misfit.message, { at, hint: misfit.hint })
  const transform = TRANSFORMS[field.transform](spec)
  return {
    key,
    at,
    left: withStandIns(transform.left, standInsOf(document.body, 'left', spec.left)),
    right: withStandIns(transform.right, standInsOf(document.body, 'right', spec.right)),
    direction: entry.direction,
    drift: entry.drift,
    policy: policyOf(entry.conflict, entry.otherwise, transform),
    seed: seedPolicyOf(entry.seed ?? document.body.seed, entry.otherwise, transform),
    blank: entry.blank,
    shape: transform.shape,
    isReference: transform.isReference,
    agree: transform.agree,
    forward: transform.forward,
    backward: transform.backward,
    compare: transform.compare,
  }
}

/** A match on phone numbers reads national forms as the mapped field does. */
function phoneRegions(resolved: readonly ResolvedField[]): (left: string | undefined) => string | undefined {
  const byLeft = new Map(resolved.map(({ entry }) => [fieldNames(entry.left)[0], entry.region]))
  return (left) => byLeft.get(left)
}

/** Mapped, matched, scoped and stamp fields, each once. */
function reads(body: MappingBody, side: Side, stamp: string | null): readonly string[] {
  return [
    ...new Set([
      ...body.fields.flatMap((entry) => fieldNames(entry[side])),
      ...body.match.flatMap((entry) => fieldNames(entry[side])),
      ...Object.keys(body.scope[side] ?? {}),
      ...(stamp === null ? [] : [stamp]),
    ]),
  ]
}

/**
 * Hash of everything that decides: what the file says (without its examples) and the shapes the live fields
 * have, as a new option or a changed type changes what values mean. Key order in the file matters only inside
 * `values`, where it is meaning.
 */
function versionOf(
  body: MappingBody,
  resolved: readonly ResolvedField[],
  stamps: Both<string | null>,
): string {
  const { fixtures: _examples, ...rules } = body
  const decisive = {
    rules,
    stamps,
    fields: resolved.map(({ key, transform, spec, entry }) => ({
      key,
      transform,
      order: Object.keys(entry.values ?? {}),
      shapes: SIDES.map((side) => spec[side].map(({ readOnly: _flag, ...shape }) => shape)),
    })),
  }
  return hashText(canonicalText(plainJson(decisive)))
}

/** Numbers as text, undefined members left out: what `Json` allows. */
function plainJson(input: unknown): Json {
  if (input === null || input === undefined) return null
  if (typeof input === 'boolean' || typeof input === 'string') return input
  if (Array.isArray(input)) return input.map(plainJson)
  if (typeof input !== 'object') return JSON.stringify(input)
  const members = Object.entries(input).filter(([, member]) => member !== undefined)
  return Object.fromEntries(members.map(([key, member]) => [key, plainJson(member)]))
}
