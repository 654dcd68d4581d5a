/**
 * Choices from lists: single and several, through a `values` table or word for word. Words outside the table
 * or outside the other side's list are never written; in fields of several they stay where they are.
 */
import type { Restored, SideRule } from '../../core/rules.ts'
import { toSet } from '../../core/sets.ts'
import type { Canonical, FieldValue } from '../../core/value.ts'
import type { FieldShape } from '../field-shape.ts'
import { elementTransform } from './arrangement.ts'
import { elementsOf, singleSide, type ElementKind } from './element.ts'
import { rawElements, trimmedText } from './plain-text.ts'
import { encodeWord } from './text.ts'
import { keep, lens, onlyField, rawValue, value, type Transform, type TransformSpec } from './transform.ts'
import { valueTable, type ValueTable } from './value-table.ts'

const wordKind: ElementKind = {
  canonise: (raw) => trimmedText(raw),
  fit: (canonical, target) => acceptedBy(target, canonical),
  encode: encodeWord,
}

export function optionTransform(spec: TransformSpec): Transform {
  const table = spec.settings.values ? valueTable(spec.settings.values) : null
  if (onlyField(spec.left).multiple === true && onlyField(spec.right).multiple === true) {
    return optionSet(spec, table)
  }
  if (table) return optionByTable(spec, table)
  return { ...elementTransform(wordKind, spec), rank: listedOrder(spec) }
}

/** One word on each side, paired by the table. Each side keeps its own words as canonical values. */
function optionByTable(spec: TransformSpec, table: ValueTable): Transform {
  const left = onlyField(spec.left)
  const right = onlyField(spec.right)
  return lens(spec, {
    left: singleSide(wordKind, left),
    right: singleSide(wordKind, right),
    agree: (a, b) => (a === null || b === null ? a === b : table.isPair(a, b)),
    forward: (source) => chosen(source, table.rightOf(source), right),
    backward: (source) => chosen(source, table.leftOf(source), left),
    compare: (a, b) => rankIn(table, a) - rankIn(table, b),
    rank: { left: table.rankLeft, right: table.rankRight },
  })
}

/** The first candidate that the field still accepts. */
function chosen(source: Canonical, candidates: readonly string[], target: FieldShape): Restored {
  if (source === null) return value(null)
  const [first] = candidates
  if (first === undefined) return keep(`\`values\` lists no counterpart for this value`)
  const accepted = candidates.find((word) => acceptedBy(target, word).kind === 'value')
  return accepted === undefined ? acceptedBy(target, first) : value(accepted)
}

function acceptedBy(target: FieldShape, word: Canonical): Restored {
  const isUnknown = target.options !== null && !(typeof word === 'string' && target.options.includes(word))
  return isUnknown ? keep(`${target.name} has no such option`) : value(word)
}

/** Words of both sides in one order, for `max` and `min`; words outside the table lowest after blank. */
function rankIn(table: ValueTable, word: Canonical): number {
  return word === null ? -2 : Math.max(table.rankLeft(word), table.rankRight(word))
}

/** Without a table, the order in which the CRM lists its options. */
function listedOrder(spec: TransformSpec): Transform['rank'] {
  const order = onlyField(spec.left).options ?? onlyField(spec.right).options
  if (order === null) return null
  const rank = (word: Canonical): number => (typeof word === 'string' ? order.indexOf(word) : -1)
  return { left: rank, right: rank }
}

/**
 * Several words on both sides: sets over one universe, the groups of the table (or the words themselves). A
 * word outside the universe is opaque: it is in no canonical value and survives every write.
 */
function optionSet(spec: TransformSpec, table: ValueTable | null): Transform {
  const left = onlyField(spec.left)
  const right = onlyField(spec.right)
  const rightWord = (group: string): string => (table ? (table.rightOf(group)[0] ?? group) : group)
  const usable = (group: string | null): string | null => {
    const isWritable =
      group !== null &&
      acceptedBy(left, group).kind === 'value' &&
      acceptedBy(right, rightWord(group)).kind === 'value'
    return isWritable ? group : null
  }
  const groupOfLeft = (word: string): string | null => usable(table ? table.groupOfLeft(word) : word)
  const groupOfRight = (word: string): string | null => usable(table ? table.groupOfRight(word) : word)
  return lens(spec, {
    left: setSide(left, groupOfLeft, (group) => group),
    right: setSide(right, groupOfRight, rightWord),
    shape: 'elements',
    forward: (source) => value(source),
    backward: (source) => value(source),
  })
}

function setSide(
  field: FieldShape,
  groupOf: (word: string) => string | null,
  wordOf: (group: string) => string,
): SideRule {
  const groupOfRaw = (raw: FieldValue): string | null => {
    const word = trimmedText(raw)
    return word === null ? null : groupOf(word)
  }
  return {
    fields: [field.name],
    channel: field.channel,
    read: (values) =>
      toSet(
        rawElements(rawValue(values, field))
          .map(groupOfRaw)
          .filter((group) => group !== null),
      ),
    write: (target, current) => {
      const wanted = elementsOf(target).filter((group) => typeof group === 'string')
      const present = rawElements(rawValue(current, field))
      const staying = present.filter((raw) => {
        const group = groupOfRaw(raw)
        return group === null || wanted.includes(group)
      })
      const held = new Set(staying.map(groupOfRaw))
      return { [field.name]: [...staying, ...wanted.filter((group) => !held.has(group)).map(wordOf)] }
    },
  }
}
