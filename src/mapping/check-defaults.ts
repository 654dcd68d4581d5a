/** What new records get by default, against the fields that are to hold it. */
import { SIDES } from '../core/record.ts'
import type { FieldSchema } from '../core/schema.ts'
import { daysAhead, defaultsOf } from './defaults.ts'
import { suggestion } from './did-you-mean.ts'
import type { MappingDocument } from './load.ts'
import { error, type Problem } from './problem.ts'
import type { Schemas } from './resolve.ts'

export function checkDefaults(document: MappingDocument, schemas: Schemas | null): readonly Problem[] {
  return SIDES.flatMap((side) => {
    const schema = schemas?.[side]
    if (!schema) return []
    return Object.entries(defaultsOf(document.body, side)).flatMap(([name, word]) => {
      const at = document.at(['defaults', side, name])
      const field = schema.fields.get(name)
      if (!field) {
        const hint = suggestion(name, [...schema.fields.keys()], 'correct the name, or remove it')
        return [error(at, `${side} ${schema.object} has no field \`${name}\``, hint)]
      }
      const misfit = misfitOf(field, word)
      return misfit === null ? [] : [error(at, `${side} \`${name}\` ${misfit.because}`, misfit.hint)]
    })
  })
}

function misfitOf(field: FieldSchema, word: string): { because: string; hint: string } | null {
  if (field.readOnly) return { because: 'is read-only', hint: 'remove it from `defaults`' }
  if (field.channel === 'edge' || field.type === 'reference' || field.type === 'user') {
    return { because: 'points at other records', hint: 'map it instead' }
  }
  if (daysAhead(word) !== null) {
    if (field.type === 'date' || field.type === 'instant') return null
    return { because: `is no date, so \`${word}\` means nothing to it`, hint: 'give it a value' }
  }
  const options = field.options?.filter(({ archived }) => !archived).map(({ value }) => value) ?? []
  if (options.length === 0 || options.includes(word)) return null
  return { because: `has no option \`${word}\``, hint: suggestion(word, options, 'see its options') }
}
