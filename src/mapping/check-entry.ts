/** One field entry against itself: settings that contradict each other or do nothing. Needs no schema. */
import { SIDES } from '../core/record.ts'
import type { MappingDocument } from './load.ts'
import { error, warning, type Problem } from './problem.ts'
import type { ResolvedField } from './resolve.ts'
import { idleSettings } from './transform-needs.ts'
import { isPhoneRegion } from './transforms/phone.ts'
import { TRANSFORMS } from './transforms/registry.ts'
import { stageParts } from './transforms/stage.ts'

export function checkFieldEntry(document: MappingDocument, field: ResolvedField): readonly Problem[] {
  return [
    ...checkSettings(document, field),
    ...checkPolicies(document, field),
    ...checkStages(document, field),
    ...checkSharedWords(document, field),
    ...checkChannel(document, field),
  ]
}

function checkSettings(
  document: MappingDocument,
  { entry, path, transform, spec }: ResolvedField,
): readonly Problem[] {
  const problems: Problem[] = idleSettings(entry, transform).map(({ setting, message, hint }) =>
    warning(document.at([...path, setting]), message, hint),
  )
  if (entry.region !== undefined && !isPhoneRegion(entry.region)) {
    const hint = 'use the two-letter code of a country, for example GB (not UK)'
    problems.push(
      error(document.at([...path, 'region']), `no numbering plan for region \`${entry.region}\``, hint),
    )
  }
  const isPhone = transform === 'phone' || transform === 'phones'
  const hasFreeText = [...spec.left, ...spec.right].some((shape) => shape.type !== 'phone')
  if (isPhone && entry.region === undefined && hasFreeText) {
    const hint = 'add region: US (or your country), so that numbers without + are understood'
    problems.push(
      warning(document.at(path), 'phone numbers without a country prefix cannot be compared', hint),
    )
  }
  return problems
}

function checkPolicies(document: MappingDocument, field: ResolvedField): readonly Problem[] {
  const { entry, path } = field
  const problems: Problem[] = []
  const usesEvidence =
    entry.conflict === 'most-recent' || (entry.seed ?? document.body.seed) === 'most-recent'
  if (entry.otherwise !== undefined && !usesEvidence) {
    const hint = 'remove it, or write conflict: most-recent'
    problems.push(warning(document.at([...path, 'otherwise']), '`otherwise` only serves most-recent', hint))
  }
  const names = [entry.conflict, entry.otherwise, entry.seed]
  const transform =
    names.includes('advance') || names.includes('union') ? TRANSFORMS[field.transform](field.spec) : null
  if (names.includes('advance') && transform?.rank === null) {
    const hint = 'list the values in order under `values`'
    problems.push(error(document.at([...path, 'conflict']), '`advance` needs an order of values', hint))
  }
  if (names.includes('union') && transform?.shape === 'whole') {
    const hint = 'union joins fields that hold several values on both sides; this one asks instead'
    problems.push(warning(document.at([...path, 'conflict']), '`union` cannot join single values', hint))
  }
  return problems
}

function checkStages(
  document: MappingDocument,
  { entry, path, transform }: ResolvedField,
): readonly Problem[] {
  if (transform !== 'stage') return []
  if (!entry.values) {
    return [error(document.at(path), 'a stage needs `values`', 'write values: { Lead: pipeline/stage, … }')]
  }
  return Object.entries(entry.values).flatMap(([left, right]) =>
    [right].flat().flatMap((word) => {
      const { pipeline, stage } = stageParts(word)
      if (pipeline !== '' && stage !== '') return []
      const hint = 'write the pipeline, a slash and the stage: default/closedwon'
      return [error(document.at([...path, 'values', left]), `\`${word}\` names no pipeline and stage`, hint)]
    }),
  )
}

/** Several right words under one left word are written as a list, on purpose; the other way round it may be a slip. */
function checkSharedWords(document: MappingDocument, { entry, path }: ResolvedField): readonly Problem[] {
  if (!entry.values || entry.direction === 'left-to-right') return []
  const holders = new Map<string, string>()
  return Object.entries(entry.values).flatMap(([left, right]) =>
    [right].flat().flatMap((word) => {
      const first = holders.get(word)
      holders.set(word, first ?? left)
      if (first === undefined || first === left) return []
      const message = `\`${left}\` means \`${word}\`, as \`${first}\` does: right cannot tell them apart`
      const hint = `what is chosen on the right becomes \`${first}\`; a record that holds \`${left}\` keeps it`
      return [warning(document.at([...path, 'values', left]), message, hint)]
    }),
  )
}

function checkChannel(
  document: MappingDocument,
  { path, transform, spec }: ResolvedField,
): readonly Problem[] {
  if (transform === 'reference' || transform === 'references') return []
  return SIDES.flatMap((side) => {
    if (!spec[side].some((shape) => shape.channel === 'edge')) return []
    const hint = 'remove `as`, or write as: reference'
    return [error(document.at([...path, side]), `an association cannot be \`as: ${transform}\``, hint)]
  })
}
