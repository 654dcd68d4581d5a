/** A mapping against what the credentials may do; each missing scope is named by the first field that needs it. */
import { SIDES, type Side } from '../core/record.ts'
import { associatedObject } from './document.ts'
import type { MappingDocument } from './load.ts'
import { error, type Problem } from './problem.ts'
import type { ResolvedField } from './resolve.ts'
import { namePath, writes } from './written.ts'

/**
 * The scope that reading or writing an object needs and that the credential lacks; null when nothing is missing. Users
 * are asked for as the object `users`.
 */
export type MissingScope = (side: Side, object: string, write: boolean) => string | null

interface Need {
  readonly side: Side
  readonly object: string
  readonly write: boolean
  readonly field: ResolvedField
  readonly name: string
  readonly index: number
}

export function checkScopes(
  document: MappingDocument,
  fields: readonly ResolvedField[],
  missingScope: MissingScope,
): readonly Problem[] {
  const reported = new Set<string>()
  return fields
    .flatMap((field) => needsOf(document, field))
    .flatMap((need) => {
      const scope = missingScope(need.side, need.object, need.write)
      const key = `${need.side} ${scope}`
      if (scope === null || reported.has(key)) return []
      reported.add(key)
      const at = document.at(
        namePath([...need.field.path, need.side], need.field.entry[need.side], need.index),
      )
      const verb = need.write ? 'writing' : 'reading'
      return [
        error(
          at,
          `${verb} ${need.side} \`${need.name}\` (${need.object}) needs the scope ${scope}, which the credential lacks`,
          `grant ${scope} to the token and start again`,
        ),
      ]
    })
}

function needsOf(document: MappingDocument, field: ResolvedField): readonly Need[] {
  return SIDES.flatMap((side) => {
    const written = writes(field, side).map((shape) => shape.name)
    return field.spec[side].flatMap(({ name }, index) => {
      const own = document.body[side].object
      const far = associatedObject(name) ?? (field.transform === 'user' ? 'users' : null)
      const need = { side, field, name, index }
      const reading = [own, ...(far === null ? [] : [far])].map((object) => ({
        ...need,
        object,
        write: false,
      }))
      return written.includes(name) ? [...reading, { ...need, object: own, write: true }] : reading
    })
  })
}
