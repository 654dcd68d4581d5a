/**
 * The independent judge: do the two CRMs agree? Reads both over their APIs with its own client, pairs the records
 * itself (by the ids they carry of each other, then by matching keys) and compares every mapped field. It shares
 * the mapping language with the product, because that says what agreement means, and nothing else: no connector,
 * no database, no engine.
 */
import { otherSide, SIDES, type Both, type Side } from '../../src/core/record.ts'
import type { FieldRule, ObjectRules, Restored, SideContext } from '../../src/core/rules.ts'
import { isBlank, isEqual, type Canonical, type FieldValues } from '../../src/core/value.ts'
import { compileMapping } from '../../src/mapping/compile.ts'
import type { MappingDocument } from '../../src/mapping/load.ts'
import type { Former, Replica } from './replica.ts'

export interface Difference {
  readonly mapping: string
  readonly field: string
  readonly leftRecord: string
  readonly rightRecord: string
  readonly left: Canonical
  readonly right: Canonical
}

export interface Lonely {
  readonly mapping: string
  readonly record: string
}

export interface Duplicate {
  readonly mapping: string
  readonly side: Side
  readonly records: readonly string[]
  readonly because: string
}

export interface Judgement {
  readonly pairs: number
  readonly differences: readonly Difference[]
  readonly unpaired: Both<readonly Lonely[]>
  readonly duplicates: readonly Duplicate[]
  /** Findings left out because they were announced. */
  readonly excused: number
  readonly agree: boolean
}

/** An open conflict, review or quarantine. `*` stands for the whole record. */
export interface KnownException {
  readonly record: string
  readonly field: string
  /** People were asked where the record belongs: its keys pair it with nobody. */
  readonly undecided?: boolean
  /** People were told that the other CRM refuses its key: whoever else has that key has it alone. */
  readonly keyless?: boolean
}

/** How records of each side carry the id of their counterpart, unless somebody says otherwise. */
export const STAMPS: Both<string> = { left: 'hubspot_id', right: 'attio_record_id' }

interface Compared {
  readonly rules: ObjectRules
  readonly records: Both<ReadonlyMap<string, FieldValues>>
  readonly partner: Both<Map<string, string>>
}

export async function compare(options: {
  readonly replicas: Both<Replica>
  readonly documents: readonly MappingDocument[]
  readonly exceptions: readonly KnownException[]
  readonly stamps?: Both<string>
}): Promise<Judgement> {
  const { replicas, stamps = STAMPS } = options
  const excuses = new Set(options.exceptions.map(({ record, field }) => `${record} ${field}`))
  const isExcused = (record: string, field: string): boolean =>
    excuses.has(`${record} *`) || excuses.has(`${record} ${field}`)
  const undecided = new Set(options.exceptions.flatMap((each) => (each.undecided ? [each.record] : [])))
  const keyless = new Set(options.exceptions.flatMap((each) => (each.keyless ? [each.record] : [])))
  const all: Compared[] = []
  const duplicates: Duplicate[] = []
  for (const document of options.documents) {
    const rules = compileMapping(document, { stamps })
    const left = await replicas.left.records(rules.object.left, rules.reads.left)
    const right = await replicas.right.records(rules.object.right, rules.reads.right)
    if (!left || !right) continue
    const records = { left: inScope(rules, 'left', left), right: inScope(rules, 'right', right) }
    const compared: Compared = { rules, records, partner: { left: new Map(), right: new Map() } }
    duplicates.push(...pairByStamp(compared, stamps, await formerOf(replicas, rules, stamps)))
    all.push(compared)
  }
  for (const compared of all) {
    const isTaken = (side: Side, record: string) => isPairedElsewhere(all, compared, side, record)
    pairByKeys(compared, { undecided, keyless, isTaken })
    duplicates.push(...sharedKeys(compared))
  }

  const context = contextOf(replicas, all)
  const differences = all.flatMap((compared) => differencesOf(compared, context))
  const lonely = {
    left: all.flatMap((each) => lonelyOf(all, each, 'left')),
    right: all.flatMap((each) => lonelyOf(all, each, 'right')),
  }

  const open = {
    differences: differences.filter(
      ({ field, leftRecord, rightRecord }) => !isExcused(leftRecord, field) && !isExcused(rightRecord, field),
    ),
    left: lonely.left.filter(({ record }) => !isExcused(record, '*')),
    right: lonely.right.filter(({ record }) => !isExcused(record, '*')),
    duplicates: duplicates.filter(({ records }) => !records.some((record) => isExcused(record, '*'))),
  }
  const found = differences.length + lonely.left.length + lonely.right.length + duplicates.length
  const counted = open.differences.length + open.left.length + open.right.length + open.duplicates.length
  return {
    pairs: all.reduce((sum, { partner }) => sum + partner.left.size, 0),
    differences: open.differences,
    unpaired: { left: open.left, right: open.right },
    duplicates: open.duplicates,
    excused: found - counted,
    agree: counted === 0,
  }
}

function inScope(rules: ObjectRules, side: Side, records: ReadonlyMap<string, FieldValues>) {
  return new Map([...records].filter(([, values]) => rules.inScope[side](values)))
}

async function formerOf(
  { left, right }: Both<Replica>,
  { object }: ObjectRules,
  stamps: Both<string>,
): Promise<Both<readonly Former[]>> {
  return {
    left: (await left.former?.(object.left, [stamps.left])) ?? [],
    right: (await right.former?.(object.right, [stamps.right])) ?? [],
  }
}

/**
 * Two records that carry the id of the same counterpart are a duplicate. The stamps of a row that lives on as another
 * record count for that one, in both directions, after those of records that name each other themselves.
 */
function pairByStamp(
  { rules, records, partner }: Compared,
  stamps: Both<string>,
  former: Both<readonly Former[]>,
): readonly Duplicate[] {
  const duplicates: Duplicate[] = []
  const own = (side: Side) => ({ side, heirs: new Map<string, string>(), rows: [...records[side]] })
  const inherited = (side: Side) => {
    const far = otherSide(side)
    // What a record says of itself now is newer.
    const names = (at: Side, id: string) => {
      const stamp = records[at].get(id)?.[stamps[at]] ?? null
      return typeof stamp === 'string' && stamp !== '' ? stamp : null
    }
    const heirs = new Map(former[far].map(({ id, heir }) => [id, heir]))
    const naming = [...records[side]].filter(([id]) => {
      const heir = heirs.get(names(side, id) ?? '')
      return heir !== undefined && (names(far, heir) ?? id) === id
    })
    const rows = former[side].map(({ heir, values }) => [heir, values] as const)
    return [
      { side, heirs, rows: naming },
      {
        side,
        heirs: new Map<string, string>(),
        rows: rows.filter(([heir]) => records[side].has(heir) && names(side, heir) === null),
      },
    ]
  }
  for (const { side, heirs, rows } of [...SIDES.map(own), ...SIDES.flatMap(inherited)]) {
    const far = otherSide(side)
    const claims = Map.groupBy(
      rows.flatMap(([id, values]) => {
        const stamp = values[stamps[side]]
        const named = typeof stamp === 'string' ? (heirs.get(stamp) ?? stamp) : ''
        return records[far].has(named) ? [{ id, stamp: named }] : []
      }),
      ({ stamp }) => stamp,
    )
    for (const [stamp, claimants] of claims) {
      const ids = [...new Set(claimants.map(({ id }) => id))]
      if (ids.length > 1) {
        duplicates.push({ mapping: rules.mapping, side, records: ids, because: `all carry the id ${stamp}` })
      }
      const [id = ''] = ids
      const known = partner[far].get(stamp)
      if (known !== undefined && known !== id) {
        const because = `both carry the id ${stamp}, or it carries theirs`
        duplicates.push({ mapping: rules.mapping, side, records: [known, id], because })
      } else if (!partner[side].has(id)) {
        partner[side].set(id, stamp)
        partner[far].set(stamp, id)
      }
    }
  }
  return duplicates
}

/** Two mappings may keep one object: whoever has a partner by one of them needs none by the other. */
function isPairedElsewhere(
  all: readonly Compared[],
  { rules }: Compared,
  side: Side,
  record: string,
): boolean {
  return all.some(
    (other) =>
      other.rules !== rules &&
      other.rules.object[side] === rules.object[side] &&
      other.partner[side].has(record),
  )
}

/**
 * One left and one right record that nobody else shares the key with. Strong rules first. Of a record that people were
 * asked about nobody knows yet where it belongs, so that whatever points at it cannot be compared either.
 */
function pairByKeys(
  { rules, records, partner }: Compared,
  known: {
    readonly undecided: ReadonlySet<string>
    readonly keyless: ReadonlySet<string>
    readonly isTaken: (side: Side, record: string) => boolean
  },
): void {
  const { undecided, keyless, isTaken } = known
  const strongFirst = rules.match.toSorted((a, b) => a.strength.localeCompare(b.strength))
  for (const rule of strongFirst) {
    const holders = { left: holdersOf('left'), right: holdersOf('right') }
    for (const [key, left] of holders.left) {
      const right = holders.right.get(key) ?? []
      const [one, other] = [[...left][0], [...right][0]]
      if (left.length !== 1 || right.length !== 1 || one === undefined || other === undefined) continue
      if (partner.left.has(one) || partner.right.has(other)) continue
      if (isTaken('left', one) || isTaken('right', other)) continue
      if (undecided.has(one) || undecided.has(other)) continue
      partner.left.set(one, other)
      partner.right.set(other, one)
    }
    function holdersOf(side: Side): ReadonlyMap<string, readonly string[]> {
      const free = [...records[side]].filter(([id]) => !partner[side].has(id) && !keyless.has(id))
      const rows = free.flatMap(([id, values]) =>
        [...new Set(rule.keys[side](values))].map((key) => ({ id, key })),
      )
      return new Map(
        [...Map.groupBy(rows, ({ key }) => key)].map(([key, group]) => [key, group.map(({ id }) => id)]),
      )
    }
  }
}

/** Records of one side that share a strong key are one thing entered twice. */
function sharedKeys({ rules, records }: Compared): readonly Duplicate[] {
  return SIDES.flatMap((side) =>
    rules.match.flatMap((rule) => {
      if (rule.strength !== 'strong') return []
      const rows = [...records[side]].flatMap(([id, values]) =>
        [...new Set(rule.keys[side](values))].map((key) => ({ id, key })),
      )
      return [...Map.groupBy(rows, ({ key }) => key).values()]
        .filter((group) => group.length > 1)
        .map((group) => ({
          mapping: rules.mapping,
          side,
          records: group.map(({ id }) => id),
          because: `they share a value of ${rule.field[side]}`,
        }))
    }),
  )
}

function contextOf(replicas: Both<Replica>, all: readonly Compared[]): Both<SideContext> {
  const pairName = (side: Side, object: string, id: string): string | null => {
    // Of several mappings it is the one that makes counterparts: those are what references point at.
    const keeping = all.filter(({ rules }) => rules.object[side] === object)
    const compared = keeping.find(({ rules }) => rules.create[otherSide(side)]) ?? keeping[0]
    const other = compared?.partner[side].get(id)
    if (compared === undefined || other === undefined) return null
    const [left, right] = side === 'left' ? [id, other] : [other, id]
    return `${compared.rules.mapping} ${left} ${right}`
  }
  const of = (side: Side): SideContext => {
    const { users, tokenOwner } = replicas[side]
    const email = (id: string) => users.find((user) => user.id === id)?.email ?? null
    return {
      userEmail: email,
      userId: (wanted) => users.find((user) => user.active && user.email === wanted)?.id ?? null,
      tokenOwner: () => (tokenOwner === null ? null : email(tokenOwner)),
      linkOf: (object, id) => pairName(side, object, id),
      recordOf: (_object, link) => link.split(' ').at(side === 'left' ? -2 : -1) ?? null,
    }
  }
  return { left: of('left'), right: of('right') }
}

function differencesOf(
  { rules, records, partner }: Compared,
  context: Both<SideContext>,
): readonly Difference[] {
  return [...partner.left].flatMap(([leftRecord, rightRecord]) => {
    const left = records.left.get(leftRecord)
    const right = records.right.get(rightRecord)
    if (!left || !right) return []
    return rules.fields.flatMap((rule) => {
      const values = {
        left: rule.left.read(left, context.left),
        right: rule.right.read(right, context.right),
      }
      if (agrees(rule, values, context)) return []
      return [{ mapping: rules.mapping, field: rule.key, leftRecord, rightRecord, ...values }]
    })
  })
}

/**
 * Whether the two values can rest as they are. Some values cannot be carried over ("call reception" is no phone
 * number for a CRM that insists on numbers); they may stay beside whatever the other side holds. Nobody remembers
 * here who wrote last, so in a two-way field one direction that has nothing to carry is enough.
 */
function agrees(rule: FieldRule, { left, right }: Both<Canonical>, context: Both<SideContext>): boolean {
  if (rule.agree(left, right)) return true
  const rests = (restored: Restored, target: Canonical): boolean =>
    restored.kind === 'keep' || isEqual(restored.value, target)
  const directions = [
    { way: 'left-to-right', source: left, isAtRest: () => rests(rule.forward(left, right, context), right) },
    { way: 'right-to-left', source: right, isAtRest: () => rests(rule.backward(right, left, context), left) },
  ] as const
  const open = directions.filter(
    ({ way, source }) =>
      (rule.direction === 'both' || rule.direction === way) && !(rule.blank === 'ignore' && isBlank(source)),
  )
  return open.length === 0 || open.some(({ isAtRest }) => isAtRest())
}

/** Records without a counterpart, where the mapping would create one. */
function lonelyOf(all: readonly Compared[], compared: Compared, side: Side): readonly Lonely[] {
  const { rules, records, partner } = compared
  if (!rules.create[otherSide(side)]) return []
  return [...records[side].keys()]
    .filter((id) => !partner[side].has(id) && !isPairedElsewhere(all, compared, side, id))
    .map((record) => ({ mapping: rules.mapping, record }))
}
