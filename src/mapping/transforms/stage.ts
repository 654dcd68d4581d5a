/**
 * Attio's status against HubSpot's pipeline and stage. Both HubSpot fields are one value, because a stage
 * belongs to exactly one pipeline and is refused in any other (HubSpot fact sheet 13). A deal stays in its
 * pipeline as long as that pipeline has a stage for the status.
 */
import type { Restored, SideRule } from '../../core/rules.ts'
import type { Canonical, FieldValue } from '../../core/value.ts'
import type { FieldShape } from '../field-shape.ts'
import { singleSide } from './element.ts'
import { trimmedText } from './plain-text.ts'
import { textKind } from './text.ts'
import {
  fieldNamesOf,
  keep,
  lens,
  onlyField,
  rawValue,
  value,
  type Transform,
  type TransformSpec,
} from './transform.ts'
import { valueTable } from './value-table.ts'

/** `pipeline/stage`, as mapping files write it. */
export function stageParts(word: string): { readonly pipeline: string; readonly stage: string } {
  const slash = word.indexOf('/')
  return slash < 0
    ? { pipeline: '', stage: word }
    : { pipeline: word.slice(0, slash), stage: word.slice(slash + 1) }
}

export function stageTransform(spec: TransformSpec): Transform {
  const table = valueTable(spec.settings.values ?? {})
  const left = onlyField(spec.left)
  const listed = new Set(table.pairs.map((pair) => stageParts(pair.right).pipeline))

  const forward = (source: Canonical, current: Canonical): Restored => {
    if (source === null) return value(null)
    const candidates = table.rightOf(source)
    const pipeline = typeof current === 'string' ? stageParts(current).pipeline : null
    if (pipeline !== null && !listed.has(pipeline)) {
      return keep(`the record is in pipeline ${pipeline}, which \`values\` does not list`)
    }
    const target = candidates.find((word) => stageParts(word).pipeline === pipeline) ?? candidates[0]
    return target === undefined ? keep('`values` lists no stage for this status') : value(target)
  }
  const backward = (source: Canonical): Restored => {
    if (source === null) return value(null)
    const [target] = table.leftOf(source)
    return target === undefined ? keep('`values` lists no status for this stage') : value(target)
  }

  return lens(spec, {
    left: singleSide(textKind, left),
    right: stageSide(spec.right),
    agree: (a, b) => (a === null || b === null ? a === b : table.isPair(a, b)),
    forward,
    backward,
    rank: { left: table.rankLeft, right: table.rankRight },
  })
}

function stageSide(fields: readonly FieldShape[]): SideRule {
  const [pipelineField, stageField] = fields
  if (!pipelineField || !stageField) throw new TypeError('a stage has a pipeline field and a stage field')
  return {
    fields: fieldNamesOf(fields),
    channel: 'value',
    read: (values) => {
      const stage = trimmedText(rawValue(values, stageField))
      return stage === null ? null : `${trimmedText(rawValue(values, pipelineField)) ?? ''}/${stage}`
    },
    write: (target): Record<string, FieldValue> => {
      const { pipeline, stage } = stageParts(typeof target === 'string' ? target : '')
      return {
        [pipelineField.name]: pipeline === '' ? null : pipeline,
        [stageField.name]: stage === '' ? null : stage,
      }
    },
  }
}
