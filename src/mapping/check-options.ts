/** One field entry against live option sets: every option has a counterpart, and no counterpart is made up. */
import { SIDES, otherSide, type Side } from '../core/record.ts'
import type { SourcePosition } from '../errors.ts'
import { suggestion } from './did-you-mean.ts'
import type { FieldShape } from './field-shape.ts'
import type { MappingDocument } from './load.ts'
import { error, warning, type Problem } from './problem.ts'
import type { ResolvedField } from './resolve.ts'
import { stageParts } from './transforms/stage.ts'
import { valueTable, type ValueTable } from './transforms/value-table.ts'
import { isTarget } from './written.ts'

/** Archived options are not among a field's options: they need no counterpart and can no longer be written. */
export function checkOptions(document: MappingDocument, field: ResolvedField): readonly Problem[] {
  const { transform, entry } = field
  const table = entry.values ? valueTable(entry.values) : null
  if (transform === 'stage') return table ? checkStageTable(document, field, table) : []
  if (transform !== 'option' && transform !== 'options') return []
  if (!table) return checkIdentity(document, field)
  return SIDES.flatMap((side) => {
    const shape = field.spec[side][0]
    const words = table.pairs.map((pair) => pair[side])
    return shape
      ? [
          ...unknownWords(document, field, side, shape, words),
          ...uncovered(document, field, side, shape, words),
        ]
      : []
  })
}

/** Words of the table that the field does not have, each reported once. */
function unknownWords(
  document: MappingDocument,
  field: ResolvedField,
  side: Side,
  shape: FieldShape,
  words: readonly string[],
): readonly Problem[] {
  const options = optionsOf(shape)
  if (options.length === 0) return []
  return [...new Set(words)]
    .filter((word) => !options.includes(word))
    .map((word) => {
      const at = document.at([...field.path, 'values', ...leftWordsOf(field, side, word)])
      return error(
        at,
        `${side} \`${shape.name}\` has no option \`${word}\``,
        suggestion(word, options, 'see its options'),
      )
    })
}

/** Live options the table forgets. Only those count whose values are to travel. */
function uncovered(
  document: MappingDocument,
  field: ResolvedField,
  side: Side,
  shape: FieldShape,
  words: readonly string[],
): readonly Problem[] {
  const forgotten = optionsOf(shape).filter((option) => !words.includes(option))
  if (forgotten.length === 0 || !isTarget(field, otherSide(side))) return []
  const message = `\`values\` has no counterpart for ${side} \`${shape.name}\`: ${enumerated(forgotten)}`
  return [
    error(document.at([...field.path, 'values']), message, 'add a line for each, or archive the option'),
  ]
}

/** Without a table, options correspond word for word. */
function checkIdentity(document: MappingDocument, field: ResolvedField): readonly Problem[] {
  const [left, right] = [field.spec.left[0], field.spec.right[0]]
  if (!left || !right) return []
  const wordy = wordsForNumber(field, left, right)
  if (wordy !== null) return [error(document.at(field.path), wordy, 'add `values` that say what corresponds')]
  if (optionsOf(left).length === 0 || optionsOf(right).length === 0) return []
  const isDisjoint = !optionsOf(left).some((option) => optionsOf(right).includes(option))
  return SIDES.flatMap((side) => {
    const [source, target] = side === 'left' ? [left, right] : [right, left]
    const forgotten = optionsOf(source).filter((option) => !optionsOf(target).includes(option))
    if (forgotten.length === 0 || !isTarget(field, otherSide(side))) return []
    const message = `\`${target.name}\` does not have these options of \`${source.name}\`: ${enumerated(forgotten)}`
    const report = isDisjoint ? error : warning
    return [report(document.at(field.path), message, 'add `values` that say what corresponds')]
  })
}

/** A choice such as `11-50` is no number, and a field of numbers would refuse every record that has one. */
function wordsForNumber(field: ResolvedField, left: FieldShape, right: FieldShape): string | null {
  for (const [source, target, side] of [[left, right, 'right'] as const, [right, left, 'left'] as const]) {
    if (target.type !== 'number' || !isTarget(field, side)) continue
    const words = optionsOf(source).filter((option) => option.trim() === '' || Number.isNaN(Number(option)))
    if (words.length > 0) {
      return `\`${target.name}\` holds numbers, and these options of \`${source.name}\` are none: ${enumerated(words)}`
    }
  }
  return null
}

/** Stages are checked by their ids, which are unique across pipelines (HubSpot fact sheet 13). */
function checkStageTable(
  document: MappingDocument,
  field: ResolvedField,
  table: ValueTable,
): readonly Problem[] {
  const [status] = field.spec.left
  const [pipeline, stage] = field.spec.right
  if (!status || !pipeline || !stage) return []
  const left = table.pairs.map((pair) => pair.left)
  const parts = table.pairs.map((pair): StageWord => ({
    ...stageParts(pair.right),
    word: pair.right,
    left: pair.left,
  }))
  // A word that names no pipeline was reported with the entry itself.
  const isPipeline = (one: StageWord): boolean =>
    one.pipeline === '' || optionsOf(pipeline).length === 0 || optionsOf(pipeline).includes(one.pipeline)
  const isStage = (one: StageWord): boolean =>
    optionsOf(stage).length === 0 ||
    optionsOf(stage).includes(one.word) ||
    optionsOf(stage).includes(one.stage)
  const strange = Map.groupBy(
    parts.filter((one) => !isPipeline(one)),
    (one) => one.pipeline,
  )
  const made = [
    ...[...strange.values()].flatMap((stages) => unknownPipeline(document, field, pipeline, stages)),
    ...parts
      .filter((one) => one.pipeline !== '' && isPipeline(one) && !isStage(one))
      .map((one) =>
        error(
          stagePosition(document, field, one),
          `there is no stage \`${one.word}\``,
          suggestion(one.stage, optionsOf(stage), 'see the pipeline settings'),
        ),
      ),
  ]
  const listed = new Set(parts.flatMap((one) => [one.word, one.stage]))
  const forgotten = optionsOf(stage).filter((option) => !listed.has(option))
  const unlisted =
    forgotten.length > 0 && isTarget(field, 'left')
      ? [
          warning(
            document.at([...field.path, 'values']),
            `\`values\` has no status for these stages: ${enumerated(forgotten)}`,
            'records in them keep their status; leave whole pipelines out if they are not to be kept in step',
          ),
        ]
      : []
  return [
    ...unknownWords(document, field, 'left', status, left),
    ...uncovered(document, field, 'left', status, left),
    ...made,
    ...unlisted,
  ]
}

interface StageWord {
  readonly pipeline: string
  readonly stage: string
  /** Both, as the table has them. */
  readonly word: string
  readonly left: string
}

/** Said once, however many of its stages the table lists, by the name that the CRM has for its pipelines. */
function unknownPipeline(
  document: MappingDocument,
  field: ResolvedField,
  shape: FieldShape,
  stages: readonly StageWord[],
): readonly Problem[] {
  const [first] = stages
  if (!first) return []
  const more = stages.length > 1 ? `; ${stages.length} of its stages are listed` : ''
  return [
    error(
      stagePosition(document, field, first),
      `\`${shape.name}\` has no \`${first.pipeline}\`${more}`,
      suggestion(first.pipeline, optionsOf(shape), 'see its settings'),
    ),
  ]
}

/** The word itself where the table lists several, else the line in which it stands. */
function stagePosition(
  document: MappingDocument,
  field: ResolvedField,
  { left, word }: Pick<StageWord, 'left' | 'word'>,
): SourcePosition {
  const listed = field.entry.values?.[left]
  const place = Array.isArray(listed) ? [listed.indexOf(word)] : []
  return document.at([...field.path, 'values', left, ...place])
}

function optionsOf(shape: FieldShape): readonly string[] {
  return shape.options ?? []
}

/** Key of the `values` line in which a word stands; none when it cannot be told. */
function leftWordsOf(field: ResolvedField, side: Side, word: string): readonly string[] {
  if (side === 'left') return [word]
  const line = Object.entries(field.entry.values ?? {}).find(([, right]) => [right].flat().includes(word))
  return line ? [line[0]] : []
}

function enumerated(words: readonly string[]): string {
  const shown = words.slice(0, 8).join(', ')
  return words.length > 8 ? `${shown} and ${words.length - 8} more` : shown
}
