/** Which keys a zod schema knows at a path, for hints on unknown keys. */
import { z } from 'zod'

export function knownKeys(schema: z.core.$ZodType, path: readonly (string | number)[]): readonly string[] {
  return schemasAt([schema], path).flatMap((found) =>
    found instanceof z.ZodObject ? Object.keys(found.shape) : [],
  )
}

/** All alternatives that can stand at `path`: unions branch, wrappers (optional, default, pipe) are looked through. */
function schemasAt(
  schemas: readonly z.core.$ZodType[],
  path: readonly (string | number)[],
): readonly z.core.$ZodType[] {
  const open = schemas.flatMap(alternatives)
  const [key, ...rest] = path
  if (key === undefined) return open
  const next = open.flatMap((schema): readonly z.core.$ZodType[] => {
    if (schema instanceof z.ZodObject) {
      const member: unknown = schema.shape[key]
      return member instanceof z.ZodType ? [member] : []
    }
    if (schema instanceof z.ZodArray) return [schema.element]
    return schema instanceof z.ZodRecord ? [schema.valueType] : []
  })
  return schemasAt(next, rest)
}

function alternatives(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(alternatives)
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return alternatives(schema.unwrap())
  if (schema instanceof z.ZodPipe) return alternatives(schema.in)
  return [schema]
}
