/**
 * Association definitions: which relations exist between which object types (HubSpot fact sheet 17.1, 17.2).
 */

export interface AssociationDefinition {
  readonly category: 'HUBSPOT_DEFINED' | 'USER_DEFINED'
  readonly associationTypeId: number
  readonly from: string
  readonly to: string
  /** Null for the unlabelled type. */
  readonly label: string | null
  /** As older reads print it: `contact_to_company`, `contact_to_company_unlabeled`. */
  readonly name: string
  readonly role: 'unlabelled' | 'primary' | 'label'
  /** The same relation seen from the other side; equal to its own id for symmetric ones. */
  readonly inverseId: number
  /** How many records one may be associated with by this type; null: as many as there are (17.3). */
  readonly maxToObjectIds: number | null
}

/** from, to, unlabelled ids (there, back), primary ids (there, back). */
type Row = readonly [string, string, readonly [number, number], (readonly [number, number])?]

const NAMES: Readonly<Record<string, string>> = {
  '0-1': 'contact',
  '0-2': 'company',
  '0-3': 'deal',
  '0-5': 'ticket',
  '0-27': 'task',
  '0-46': 'note',
}

const STANDARD: readonly Row[] = [
  ['0-1', '0-2', [279, 280], [1, 2]],
  ['0-3', '0-1', [3, 4]],
  ['0-3', '0-2', [341, 342], [5, 6]],
  ['0-5', '0-1', [16, 15]],
  ['0-5', '0-2', [339, 340], [26, 25]],
  ['0-3', '0-5', [27, 28]],
  ['0-1', '0-1', [449, 449]],
  ['0-2', '0-2', [450, 450]],
  ['0-3', '0-3', [451, 451]],
  ['0-5', '0-5', [452, 452]],
  ['0-46', '0-1', [202, 201]],
  ['0-46', '0-2', [190, 189]],
  ['0-46', '0-3', [214, 213]],
  ['0-46', '0-5', [228, 227]],
  ['0-27', '0-1', [204, 203]],
  ['0-27', '0-2', [192, 191]],
  ['0-27', '0-3', [216, 215]],
  ['0-27', '0-5', [230, 229]],
]

/** Labels a pair of objects may have beside HubSpot's own (17.1). */
export const LABELS_MAX = 10

export class AssociationTypes {
  /** from → to → definitions. */
  private readonly pairs = new Map<string, Map<string, AssociationDefinition[]>>()

  constructor() {
    for (const [from, to, unlabelled, primary] of STANDARD) {
      const there = `${NAMES[from] ?? from}_to_${NAMES[to] ?? to}`
      const back = `${NAMES[to] ?? to}_to_${NAMES[from] ?? from}`
      const suffix = primary ? '_unlabeled' : ''
      this.addPair({
        category: 'HUBSPOT_DEFINED',
        from,
        to,
        ids: unlabelled,
        labels: [null, null],
        names: [there + suffix, back + suffix],
        role: 'unlabelled',
      })
      if (primary) {
        this.addPair({
          category: 'HUBSPOT_DEFINED',
          from,
          to,
          ids: primary,
          labels: ['Primary', 'Primary'],
          names: [there, back],
          role: 'primary',
        })
      }
    }
    this.addPair({
      category: 'HUBSPOT_DEFINED',
      from: '0-2',
      to: '0-2',
      ids: [13, 14],
      labels: ['Child Company', 'Parent Company'],
      names: ['parent_to_child_company', 'child_to_parent_company'],
      role: 'label',
    })
  }

  /** Adds a relation in both directions, a symmetric one (equal ids) once; returns the forward one. */
  addPair(options: {
    category: AssociationDefinition['category']
    from: string
    to: string
    ids: readonly [number, number]
    labels: readonly [string | null, string | null]
    names: readonly [string, string]
    role: AssociationDefinition['role']
  }): AssociationDefinition {
    const { category, from, to, role } = options
    const [there, back] = options.ids
    const forward: AssociationDefinition = {
      category,
      associationTypeId: there,
      from,
      to,
      label: options.labels[0],
      name: options.names[0],
      role,
      inverseId: back,
      maxToObjectIds: null,
    }
    this.add(forward)
    if (from === to && there === back) return forward
    this.add({
      category,
      associationTypeId: back,
      from: to,
      to: from,
      label: options.labels[1],
      name: options.names[1],
      role,
      inverseId: there,
      maxToObjectIds: null,
    })
    return forward
  }

  between(from: string, to: string): readonly AssociationDefinition[] {
    return this.pairs.get(from)?.get(to) ?? []
  }

  unlabelled(from: string, to: string): AssociationDefinition | undefined {
    return this.between(from, to).find((definition) => definition.role === 'unlabelled')
  }

  primary(from: string, to: string): AssociationDefinition | undefined {
    return this.between(from, to).find((definition) => definition.role === 'primary')
  }

  /** The definition of a type id, whatever objects it is between; ids are unique per category only. */
  find(category: string, associationTypeId: number): AssociationDefinition | undefined {
    for (const targets of this.pairs.values()) {
      for (const definitions of targets.values()) {
        const found = definitions.find((entry) => is(entry, category, associationTypeId))
        if (found !== undefined) return found
      }
    }
    return undefined
  }

  inverse(definition: AssociationDefinition): AssociationDefinition {
    const { from, to, category, inverseId } = definition
    const found = this.between(to, from).find((entry) => is(entry, category, inverseId))
    if (found === undefined) throw new Error(`Association ${category}=${inverseId} has no inverse`)
    return found
  }

  *all(): Iterable<AssociationDefinition> {
    for (const targets of this.pairs.values()) for (const definitions of targets.values()) yield* definitions
  }

  /** Sets a limit, or takes it away; answers what is there now. */
  limit(definition: AssociationDefinition, maxToObjectIds: number | null): AssociationDefinition {
    const next = { ...definition, maxToObjectIds }
    this.replace(definition, next)
    return next
  }

  relabel(definition: AssociationDefinition, label: string): void {
    this.replace(definition, { ...definition, label })
  }

  remove(definition: AssociationDefinition): void {
    this.replace(this.inverse(definition), null)
    this.replace(definition, null)
  }

  removeType(typeId: string): void {
    this.pairs.delete(typeId)
    for (const targets of this.pairs.values()) targets.delete(typeId)
  }

  save(): unknown {
    return [...this.pairs.values()].flatMap((targets) => [...targets.values()].flat())
  }

  load(saved: unknown): void {
    this.pairs.clear()
    for (const definition of saved as AssociationDefinition[]) this.add(definition)
  }

  private add(definition: AssociationDefinition): void {
    const targets = this.pairs.get(definition.from) ?? new Map<string, AssociationDefinition[]>()
    this.pairs.set(definition.from, targets)
    targets.set(definition.to, [...(targets.get(definition.to) ?? []), definition])
  }

  private replace(definition: AssociationDefinition, next: AssociationDefinition | null): void {
    const kept = this.between(definition.from, definition.to).flatMap((entry) =>
      is(entry, definition.category, definition.associationTypeId) ? (next ?? []) : entry,
    )
    this.pairs.get(definition.from)?.set(definition.to, kept)
  }
}

function is(definition: AssociationDefinition, category: string, associationTypeId: number): boolean {
  return definition.category === category && definition.associationTypeId === associationTypeId
}

/** As answers list the types of an association: HubSpot's own first, by id, so the primary one leads. */
export function inPrintOrder(definitions: readonly AssociationDefinition[]): AssociationDefinition[] {
  const rank = (definition: AssociationDefinition) => (definition.category === 'HUBSPOT_DEFINED' ? 0 : 1)
  return definitions.toSorted((a, b) => rank(a) - rank(b) || a.associationTypeId - b.associationTypeId)
}

/** One type of an association, as v4 answers print it. */
export function printType(definition: AssociationDefinition): unknown {
  return {
    category: definition.category,
    typeId: definition.associationTypeId,
    label: definition.label,
  }
}
