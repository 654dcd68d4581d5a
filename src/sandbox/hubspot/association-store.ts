/**
 * Association rows, kept in both directions. The rules of HubSpot fact sheet 17.1: a labelled type always
 * comes with the unlabelled one, removing the unlabelled one removes everything, one primary company per
 * record.
 */
import type { AssociationDefinition, AssociationTypes } from './association-types.ts'

export interface End {
  readonly typeId: string
  readonly id: string
}

export interface Row {
  readonly to: End
  /** Keys `category=typeId` of the types this row has, in the direction of the row. */
  readonly types: readonly string[]
  /** When the search index knows it. */
  readonly searchableAt: number
}

/** One type that came or went, in one direction: what an `associationChange` event reports. */
export interface AssociationChange {
  readonly from: End
  readonly to: End
  readonly definition: AssociationDefinition
  readonly removed: boolean
}

export class AssociationStore {
  /** `typeId/id` → target type id → target id → row. */
  private readonly rows = new Map<string, Map<string, Map<string, Row>>>()
  private readonly types: AssociationTypes

  constructor(types: AssociationTypes) {
    this.types = types
  }

  /** Rows of one record to one object type, in no defined order. */
  from(end: End, toTypeId: string): Iterable<Row> {
    return this.rows.get(key(end))?.get(toTypeId)?.values() ?? []
  }

  row(from: End, to: End): Row | undefined {
    return this.rows.get(key(from))?.get(to.typeId)?.get(to.id)
  }

  *all(end: End): Iterable<Row> {
    for (const targets of this.rows.get(key(end))?.values() ?? []) yield* targets.values()
  }

  definitions(from: string, row: Row): AssociationDefinition[] {
    return this.types
      .between(from, row.to.typeId)
      .filter((definition) => row.types.includes(typeKey(definition)))
  }

  /** Adds types in both directions. */
  add(
    from: End,
    to: End,
    definitions: readonly AssociationDefinition[],
    searchableAt: number,
  ): AssociationChange[] {
    const changes: AssociationChange[] = []
    const unlabelled = this.types.unlabelled(from.typeId, to.typeId)
    for (const definition of unlabelled ? [unlabelled, ...definitions] : definitions) {
      if (definition.role === 'primary') this.demote(from, to, definition, changes)
      if (!this.set(from, to, definition, searchableAt)) continue
      const inverse = this.types.inverse(definition)
      this.set(to, from, inverse, searchableAt)
      changes.push({ from, to, definition, removed: false })
      changes.push({ from: to, to: from, definition: inverse, removed: false })
    }
    return changes
  }

  /** Removes types in both directions; all of them when one is the unlabelled one, or when none is named. */
  remove(from: End, to: End, definitions?: readonly AssociationDefinition[]): AssociationChange[] {
    const row = this.row(from, to)
    if (row === undefined) return []
    const held = this.definitions(from.typeId, row)
    const everything =
      definitions === undefined || definitions.some((definition) => definition.role === 'unlabelled')
    const wanted = new Set(everything ? row.types : definitions.map(typeKey))
    const changes: AssociationChange[] = []
    for (const definition of held.filter((entry) => wanted.has(typeKey(entry)))) {
      const inverse = this.types.inverse(definition)
      this.unset(from, to, definition)
      this.unset(to, from, inverse)
      changes.push({ from, to, definition, removed: true })
      changes.push({ from: to, to: from, definition: inverse, removed: true })
    }
    return changes
  }

  /** Whether one more association by this type fits both ends. A new primary company replaces the old one. */
  hasRoom(from: End, to: End, definition: AssociationDefinition): boolean {
    const inverse = this.types.inverse(definition)
    return this.fits(from, to, definition) && this.fits(to, from, inverse)
  }

  /** Gives every association of `loser` to `winner`; what exceeds a limit is dropped (18.1). */
  move(loser: End, winner: End, searchableAt: number): AssociationChange[] {
    const changes: AssociationChange[] = []
    // Copied first: the rows change while they are walked.
    const rows = [...this.all(loser)]
    for (const row of rows) {
      const definitions = this.definitions(loser.typeId, row)
      changes.push(...this.remove(loser, row.to))
      if (row.to.typeId === winner.typeId && row.to.id === winner.id) continue
      const kept = definitions.filter(
        (definition) => definition.role !== 'primary' || this.primaryOf(winner, row.to.typeId) === undefined,
      )
      const unlabelled = this.types.unlabelled(winner.typeId, row.to.typeId)
      if (unlabelled && !this.hasRoom(winner, row.to, unlabelled)) continue
      const fitting = kept.filter((definition) => this.hasRoom(winner, row.to, definition))
      changes.push(...this.add(winner, row.to, fitting, searchableAt))
    }
    return changes
  }

  /** Forgets a record without a trace. */
  forget(end: End): void {
    const rows = [...this.all(end)]
    for (const row of rows) this.rows.get(key(row.to))?.get(end.typeId)?.delete(end.id)
    this.rows.delete(key(end))
  }

  /** The row that holds the primary label. */
  primaryOf(from: End, toTypeId: string): Row | undefined {
    const primary = this.types.primary(from.typeId, toTypeId)
    if (primary === undefined) return undefined
    for (const row of this.from(from, toTypeId)) if (row.types.includes(typeKey(primary))) return row
    return undefined
  }

  save(): unknown {
    return [...this.rows].flatMap(([owner, targets]) =>
      [...targets.values()].flatMap((rows) =>
        [...rows.values()].map((row) => [owner, row.to.typeId, row.to.id, row.types, row.searchableAt]),
      ),
    )
  }

  load(saved: unknown): void {
    this.rows.clear()
    for (const [owner, typeId, id, types, searchableAt] of saved as [
      string,
      string,
      string,
      string[],
      number,
    ][]) {
      const [fromType = '', fromId = ''] = owner.split('/')
      this.put({ typeId: fromType, id: fromId }, { to: { typeId, id }, types, searchableAt })
    }
  }

  /** A record has at most one primary company: the previous one keeps the unlabelled type only. */
  private demote(from: End, to: End, definition: AssociationDefinition, changes: AssociationChange[]): void {
    // Seen from the company the limit is still one company per contact, deal or ticket.
    const [holder, company] = from.typeId === '0-2' ? [to, from] : [from, to]
    const previous = this.primaryOf(holder, company.typeId)
    if (previous === undefined || previous.to.id === company.id) return
    const label = from.typeId === '0-2' ? this.types.inverse(definition) : definition
    changes.push(...this.remove(holder, previous.to, [label]))
  }

  private fits(from: End, to: End, definition: AssociationDefinition): boolean {
    const { maxToObjectIds: max, role } = definition
    if (max === null || (role === 'primary' && from.typeId !== '0-2')) return true
    const type = typeKey(definition)
    let others = 0
    for (const row of this.from(from, to.typeId))
      if (row.to.id !== to.id && row.types.includes(type)) others++
    return others < max
  }

  private set(from: End, to: End, definition: AssociationDefinition, searchableAt: number): boolean {
    const row = this.row(from, to)
    const type = typeKey(definition)
    if (row?.types.includes(type)) return false
    this.put(from, {
      to,
      types: [...(row?.types ?? []), type],
      searchableAt: row?.searchableAt ?? searchableAt,
    })
    return true
  }

  private unset(from: End, to: End, definition: AssociationDefinition): void {
    const row = this.row(from, to)
    if (row === undefined) return
    const types = row.types.filter((type) => type !== typeKey(definition))
    if (types.length > 0) this.put(from, { ...row, types })
    else this.rows.get(key(from))?.get(to.typeId)?.delete(to.id)
  }

  private put(from: End, row: Row): void {
    const targets = this.rows.get(key(from)) ?? new Map<string, Map<string, Row>>()
    this.rows.set(key(from), targets)
    const rows = targets.get(row.to.typeId) ?? new Map<string, Row>()
    targets.set(row.to.typeId, rows)
    rows.set(row.to.id, row)
  }
}

export function typeKey(definition: Pick<AssociationDefinition, 'category' | 'associationTypeId'>): string {
  return `${definition.category}=${definition.associationTypeId}`
}

function key(end: End): string {
  return `${end.typeId}/${end.id}`
}
