/**
 * Rules that were in force once, kept so that bases made under them can be understood after a mapping was
 * edited or a schema changed (algorithms 9.4). What is stored is what a mapping is compiled from.
 */
import type { Both, Side } from '../core/record.ts'
import type { ObjectRules } from '../core/rules.ts'
import type { FieldSchema, ObjectSchema } from '../core/schema.ts'
import { compileMapping } from '../mapping/compile.ts'
import type { Store } from '../store/store.ts'
import type { Engine, MappingRuntime, RulesSource } from './engine.ts'

interface ArchivedRules extends RulesSource {
  readonly schemas: Both<{ readonly object: string; readonly fields: readonly FieldSchema[] }>
}

/** Keeps the rules of every mapping; a version that is kept already costs one look into the database. */
export async function archiveRules(engine: Pick<Engine, 'store' | 'pairing'>): Promise<void> {
  for (const mapping of engine.pairing.mappings) {
    const key = keyOf(mapping.rules.version)
    if ((await engine.store.meta(key)) === null) await engine.store.setMeta(key, archived(mapping))
  }
}

/** The rules of a version, or null when it was never kept. */
export async function rulesOfVersion(store: Store, version: string): Promise<ObjectRules | null> {
  const text = await store.meta(keyOf(version))
  if (text === null) return null
  const { body, stamps, schemas } = JSON.parse(text) as ArchivedRules
  const at = () => ({ file: `rules ${version}`, line: 1, column: 1 })
  const live = { left: schemaOf(schemas.left), right: schemaOf(schemas.right) }
  return compileMapping({ file: at().file, body, at }, { schemas: live, stamps })
}

function archived(mapping: MappingRuntime): string {
  const { source, rules, schemas } = mapping
  const of = (side: Side) => ({
    object: schemas[side].object,
    fields: rules.reads[side].flatMap((field) => schemas[side].fields.get(field) ?? []),
  })
  const entry: ArchivedRules = { ...source, schemas: { left: of('left'), right: of('right') } }
  return JSON.stringify(entry)
}

function schemaOf({ object, fields }: ArchivedRules['schemas']['left']): ObjectSchema {
  return { object, fields: new Map(fields.map((field) => [field.name, field])) }
}

function keyOf(version: string): string {
  return `rules/${version}`
}
