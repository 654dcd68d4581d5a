/** `TYPEOF Who WHEN Contact THEN Title ELSE Name END`: fields that depend on what a polymorphic reference leads to (9). */
import { ELSEWHERE } from '../catalogue/standard.ts'
import type { Printed } from '../rows/print.ts'
import type { Values } from '../rows/row-store.ts'
import { notModelled } from '../wire.ts'
import type { Path, SelectItem } from './ast.ts'
import { queryError } from './malformed.ts'
import { follow, resolve, type Resolved, type Scope, type Step } from './scope.ts'

type TypeOf = Extract<SelectItem, { kind: 'typeof' }>

/** Prints the columns of one kind of parent; handed in by `project.ts`, which it needs itself. */
export type PrintParent = (scope: Scope, values: Values, columns: readonly Resolved[]) => Printed

export function compileTypeOf(
  scope: Scope,
  item: TypeOf,
  printParent: PrintParent,
): { readonly name: string; readonly ask: (values: Values) => Printed | null } {
  const { org, type, soql } = scope
  const through = type.byRelationship.get(item.relationship.toLowerCase())
  if (through === undefined || through.referenceTo.length < 2) {
    const message = `Cannot use TYPEOF on '${item.relationship}', which is no polymorphic relationship`
    throw queryError('INVALID_FIELD', soql, { at: item.at, message })
  }
  const branches = new Map(
    item.whens.map(({ object, at, fields }) => {
      const name = through.referenceTo.find((target) => target.toLowerCase() === object.toLowerCase())
      if (name === undefined && ELSEWHERE.has(object.toLowerCase())) {
        throw notModelled(`The object ${object}`)
      }
      if (name === undefined) {
        const message = `${object} is not referenced by '${item.relationship}'`
        throw queryError('INVALID_TYPE', soql, { at, message })
      }
      const parent: Scope = { ...scope, type: org.schema.require(name), alias: null }
      return [name, { parent, columns: fields.map((path) => resolve(parent, path)) }] as const
    }),
  )
  const targets = through.referenceTo.flatMap((name) => org.schema.find(name) ?? [])
  const step: Step = { field: through, targets }
  const otherwise = item.otherwise?.map((path) => common(scope, item.relationship, path)) ?? null
  return {
    name: through.relationshipName ?? item.relationship,
    ask: (values) => {
      const held = follow(org, [step], values)
      if (held === null) return null
      const target = targets.find(({ name }) => org.rows.find(name, String(held['Id'])) !== undefined)
      const branch = branches.get(target?.name ?? '')
      if (branch !== undefined) return printParent(branch.parent, held, branch.columns)
      if (target === undefined || otherwise === null) return null
      return printParent({ ...scope, type: target }, held, otherwise)
    },
  }
}

/** Whatever the parent is, it has these fields. */
function common(scope: Scope, relationship: string, path: Path): Resolved {
  const resolved = resolve(scope, { segments: [relationship, ...path.segments], at: path.at, fn: null })
  return { ...resolved, steps: resolved.steps.slice(1) }
}
