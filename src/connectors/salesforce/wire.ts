/** Looking into answers whose shape is only promised. */

export type Json = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function textIn(value: unknown, member: string): string | null {
  const found = isObject(value) ? value[member] : undefined
  return typeof found === 'string' && found !== '' ? found : null
}

export function listIn(value: unknown, member: string): readonly Json[] {
  const found = isObject(value) ? value[member] : undefined
  return Array.isArray(found) ? found.filter(isObject) : []
}
