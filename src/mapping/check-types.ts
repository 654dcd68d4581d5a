/** One field entry against the live field types: can these values be held, and do they survive the way back? */
import { SIDES, otherSide, type Side } from '../core/record.ts'
import type { FieldType } from '../core/schema.ts'
import type { TransformName } from './document.ts'
import type { FieldShape } from './field-shape.ts'
import type { MappingDocument } from './load.ts'
import { error, warning, type Problem } from './problem.ts'
import type { ResolvedField, Schemas } from './resolve.ts'
import { hasPrimary } from './transform-needs.ts'
import { isTarget, namePath, writes } from './written.ts'

const TEXTS: readonly FieldType[] = ['text', 'url', 'email', 'phone', 'domain']

/** Field types a transform can read and write. Text fields hold anything that has a text form. */
const ACCEPTS: Readonly<Record<TransformName, readonly FieldType[]>> = {
  text: TEXTS,
  number: ['number', 'money', 'text'],
  money: ['money', 'number', 'text', 'option'],
  boolean: ['boolean', 'option', 'text'],
  date: ['date', 'instant', 'text'],
  instant: ['instant', 'date', 'text'],
  url: ['url', 'text', 'domain'],
  option: ['option', 'text', 'boolean', 'number'],
  options: ['option', 'text', 'boolean', 'number'],
  stage: ['option', 'text'],
  'person-name': ['person-name', 'text'],
  email: ['email', 'text'],
  emails: ['email', 'text'],
  phone: ['phone', 'text'],
  phones: ['phone', 'text'],
  domain: ['domain', 'text', 'url'],
  domains: ['domain', 'text', 'url'],
  user: ['user'],
  reference: ['reference'],
  references: ['reference'],
  location: ['location', 'text'],
}

/** Limits beyond this many characters are not worth a warning: nobody types as much into a CRM field. */
const LENGTH_WORTH_A_WARNING = 10_000

export function checkTypes(
  document: MappingDocument,
  field: ResolvedField,
  schemas: Schemas | null,
): readonly Problem[] {
  if (!schemas) return []
  const mismatches = SIDES.flatMap((side) => typeMismatches(document, field, side, schemas))
  if (mismatches.length > 0) return mismatches
  return [
    ...SIDES.flatMap((side) => readOnlyTargets(document, field, side)),
    ...lostElements(document, field),
    ...lostDetail(document, field, schemas),
  ]
}

function typeMismatches(
  document: MappingDocument,
  field: ResolvedField,
  side: Side,
  schemas: Schemas,
): readonly Problem[] {
  return field.spec[side].flatMap((shape, index) => {
    if (!shape.isKnown || ACCEPTS[field.transform].includes(shape.type)) return []
    const at = document.at(namePath([...field.path, side], field.entry[side], index))
    const native = schemas[side]?.fields.get(shape.name)?.nativeType ?? shape.type
    if (shape.type === 'opaque') {
      return [error(at, `${side} \`${shape.name}\` (${native}) cannot be mapped`, 'remove the entry')]
    }
    const hint = `it takes ${ACCEPTS[field.transform].join(', ')}; map a field of such a type or change \`as\``
    return [
      error(at, `${side} \`${shape.name}\` is ${native}, which \`as: ${field.transform}\` cannot hold`, hint),
    ]
  })
}

function readOnlyTargets(document: MappingDocument, field: ResolvedField, side: Side): readonly Problem[] {
  return writes(field, side).flatMap((shape, index) => {
    if (!shape.readOnly) return []
    const at = document.at(namePath([...field.path, side], field.entry[side], index))
    const direction = side === 'left' ? 'left-to-right' : 'right-to-left'
    return [
      error(
        at,
        `${side} \`${shape.name}\` is read-only`,
        `write direction: ${direction}, or remove the entry`,
      ),
    ]
  })
}

/** Several values against one: only some kinds have a primary value that can stand for the rest. */
function lostElements(document: MappingDocument, field: ResolvedField): readonly Problem[] {
  const [left] = field.spec.left
  const [right] = field.spec.right
  if (!left || !right || left.multiple === right.multiple || hasPrimary(field.transform)) return []
  const many = left.multiple === true ? left : right
  const one = many === left ? right : left
  const message = `\`${many.name}\` holds several values and \`${one.name}\` one: the others would be lost`
  const plural = BY_PRIMARY[many.type]
  const hint = plural
    ? `write as: ${plural}, which keeps the first value in step and the others where they are`
    : 'map it in one direction only, or onto a field that holds several values'
  const report = field.entry.direction === 'both' ? error : warning
  return [report(document.at(field.path), message, hint)]
}

const BY_PRIMARY: Readonly<Partial<Record<FieldType, TransformName>>> = {
  email: 'emails',
  phone: 'phones',
  domain: 'domains',
}

/** Values that fit in one direction and come back shorter, coarser or not at all. */
function lostDetail(document: MappingDocument, field: ResolvedField, schemas: Schemas): readonly Problem[] {
  return SIDES.filter((side) => isTarget(field, side)).flatMap((side) => {
    const [target] = field.spec[side]
    const [source] = field.spec[otherSide(side)]
    if (!target || !source) return []
    const at = document.at(field.path)
    return [
      ...lengthLoss(
        target,
        source,
        lengthOf(schemas, side, target),
        lengthOf(schemas, otherSide(side), source),
      ),
      ...scaleLoss(field, target, source),
      ...formLoss(field, target, source),
    ].map(([message, hint]) => warning(at, message, hint))
  })
}

type Loss = readonly [message: string, hint: string]

function lengthOf(schemas: Schemas, side: Side, shape: FieldShape): number | null {
  return schemas[side]?.fields.get(shape.name)?.lengthMax ?? null
}

function lengthLoss(
  target: FieldShape,
  source: FieldShape,
  targetMax: number | null,
  sourceMax: number | null,
): readonly Loss[] {
  const isTight = targetMax !== null && targetMax < LENGTH_WORTH_A_WARNING
  if (
    !isTight ||
    target.type !== 'text' ||
    source.type !== 'text' ||
    (sourceMax !== null && sourceMax <= targetMax)
  )
    return []
  return [
    [
      `\`${target.name}\` holds at most ${targetMax} characters, \`${source.name}\` more`,
      'longer texts are refused by the CRM; the record then waits in quarantine',
    ],
  ]
}

function scaleLoss(
  { entry, transform }: ResolvedField,
  target: FieldShape,
  source: FieldShape,
): readonly Loss[] {
  if (transform !== 'number' && transform !== 'money') return []
  const wanted = entry.scale ?? source.scaleMax
  if (target.scaleMax === null || wanted === null || wanted <= target.scaleMax) return []
  return [
    [
      `\`${target.name}\` keeps ${target.scaleMax} decimal places, \`${source.name}\` brings ${wanted}`,
      `write scale: ${target.scaleMax} to compare both at that precision`,
    ],
  ]
}

const STRICT: readonly FieldType[] = ['number', 'money', 'date', 'instant', 'boolean']

function formLoss({ transform }: ResolvedField, target: FieldShape, source: FieldShape): readonly Loss[] {
  if (transform === 'instant' && target.type === 'date') {
    return [[`\`${target.name}\` has no time of day`, 'the time of `' + source.name + '` does not come back']]
  }
  if (transform === 'date' && target.type === 'instant' && source.type === 'date') {
    return [[`\`${target.name}\` also has a time of day`, 'a changed day is written as midnight UTC']]
  }
  if (!TEXTS.includes(source.type) || !STRICT.includes(target.type)) return []
  return [
    [
      `\`${source.name}\` is free text, \`${target.name}\` is not`,
      'text that does not fit stays where it is',
    ],
  ]
}
