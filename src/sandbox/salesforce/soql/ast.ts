/** A parsed SOQL query (Salesforce fact sheet 9). Positions are offsets in the text, for error messages. */

export interface Path {
  /** `['Account', 'Name']`; never empty. */
  readonly segments: readonly string[]
  readonly at: number
  /** A part of the date that the field holds. */
  readonly fn: PathFunction | null
}

export interface PathFunction {
  /** `CALENDAR_YEAR`. */
  readonly name: string
  /** Within `convertTimezone()`: in the user's zone, not in UTC. */
  readonly inUserZone: boolean
}

export type AggregateFunction = 'count' | 'count_distinct' | 'sum' | 'avg' | 'min' | 'max'

export interface Aggregate {
  readonly kind: 'aggregate'
  readonly fn: AggregateFunction
  /** Null for `COUNT()` and `COUNT(Id)` without a field. */
  readonly path: Path | null
  readonly alias: string | null
  readonly at: number
}

export type SelectItem =
  | { readonly kind: 'field'; readonly path: Path; readonly alias: string | null }
  | Aggregate
  | { readonly kind: 'fields'; readonly group: 'ALL' | 'STANDARD' | 'CUSTOM'; readonly at: number }
  | { readonly kind: 'label'; readonly path: Path; readonly alias: string | null; readonly at: number }
  | { readonly kind: 'subquery'; readonly query: Query; readonly at: number }
  | {
      readonly kind: 'typeof'
      readonly relationship: string
      readonly whens: readonly {
        readonly object: string
        readonly fields: readonly Path[]
        readonly at: number
      }[]
      readonly otherwise: readonly Path[] | null
      readonly at: number
    }

export type Literal =
  | { readonly kind: 'text'; readonly value: string; readonly at: number }
  | { readonly kind: 'number'; readonly value: number; readonly at: number }
  | { readonly kind: 'boolean'; readonly value: boolean; readonly at: number }
  | { readonly kind: 'null'; readonly at: number }
  /** Canonical text, see `times.ts`. */
  | { readonly kind: 'date'; readonly value: string; readonly at: number }
  | { readonly kind: 'datetime'; readonly value: string; readonly at: number }
  /** `TODAY`, `LAST_N_DAYS:7`. */
  | { readonly kind: 'relative'; readonly name: string; readonly count: number; readonly at: number }

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=' | 'like'

/** The left side of a condition: a field, or an aggregate in `HAVING`. */
export type Operand = { readonly kind: 'field'; readonly path: Path } | Aggregate

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly conditions: readonly Condition[] }
  | { readonly kind: 'not'; readonly condition: Condition }
  | {
      readonly kind: 'compare'
      readonly operand: Operand
      readonly operator: Comparison
      readonly value: Literal
    }
  | {
      readonly kind: 'in'
      readonly operand: Operand
      readonly negated: boolean
      readonly values: readonly Literal[] | Query
    }
  | {
      readonly kind: 'includes'
      readonly operand: Operand
      readonly negated: boolean
      readonly values: readonly Literal[]
    }

export interface OrderItem {
  readonly operand: Operand
  readonly descending: boolean
  readonly nullsLast: boolean
}

export interface Query {
  readonly select: readonly SelectItem[]
  readonly from: { readonly name: string; readonly alias: string | null; readonly at: number }
  readonly where: Condition | null
  readonly groupBy: readonly Path[]
  readonly having: Condition | null
  readonly orderBy: readonly OrderItem[]
  readonly limit: number | null
  readonly offset: number | null
  /** `ALL ROWS` is Apex only; the API has `queryAll` instead. */
  readonly lock: 'view' | 'reference' | 'update' | null
  readonly scope: string | null
}
