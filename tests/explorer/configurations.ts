/** The configurations of `algorithms.md` 2.4, and a few beside them. Each says what it is about and what it shows. */
import {
  FINDINGS,
  type Budget,
  type Configuration,
  type Expected,
  type Field,
  type Protocol,
  type Vendors,
} from './configuration.ts'

const PROTOCOL: Protocol = {
  learns: 'post-image',
  intent: 'durable',
  token: 'version',
  base: 'pair',
  baseMoves: 'with-outcome',
  merges: 'two-steps',
  breaker: 'off',
}

const VENDORS: Vendors = { compareAndSet: true, zombies: false, refuses: { left: null, right: null } }

const FIELD: Field = {
  shape: 'whole',
  policy: { kind: 'prefer', side: 'left' },
  canoniser: 'case-folding',
  start: 'agreed',
}

const CLEAN: Expected = { must: [], may: [], terminates: true, writesMax: 2 }

/** Enough for everything that is expected, targets a little wider than controls; CI explores it within a minute. */
const SMALL: Budget = { edits: 3, touches: 1, crashes: 1, faults: 1 }
const SMALLER: Budget = { edits: 2, touches: 0, crashes: 1, faults: 1 }
/** The table's scope. */
const BIG: Budget = { edits: 4, touches: 0, crashes: 1, faults: 2 }

interface Variant {
  readonly vendors?: Partial<Vendors>
  readonly field?: Partial<Field>
  readonly protocol?: Partial<Protocol>
  readonly small?: Budget
  readonly big?: Budget
  readonly expected?: Partial<Expected>
}

function target(name: string, says: string, variant: Variant): Configuration {
  return {
    name,
    says,
    vendors: { ...VENDORS, ...variant.vendors },
    field: { ...FIELD, ...variant.field },
    protocol: { ...PROTOCOL, ...variant.protocol },
    small: variant.small ?? SMALL,
    big: variant.big ?? BIG,
    expected: { ...CLEAN, ...variant.expected },
  }
}

/** One element of the protocol is swapped for a worse one, and what the table says must come of it. */
function control(name: string, says: string, variant: Variant): Configuration {
  const broken = { may: FINDINGS, writesMax: Number.POSITIVE_INFINITY, ...variant.expected }
  return target(name, says, { small: SMALLER, ...variant, expected: broken })
}

const EACH_REFUSES = { refuses: { left: 'a', right: 'c' } }
const NO_COMPARE_AND_SET = { compareAndSet: false }
/** Both vendors deviate from what they are sent, outside the class that the rule takes for one value. */
const BOTH_DEVIATE = { canoniser: 'none' } as const

export const CONFIGURATIONS: readonly Configuration[] = [
  target('A', 'compare-and-set, post-image, token in the intent', {}),
  control('A-', 'as A, no token in the intent (B3)', {
    protocol: { token: 'none' },
    expected: { must: ['revert'] },
  }),
  target('B', 'compare-and-set, read-back with provenance', { protocol: { learns: 'provenance' } }),
  control('C', 'compare-and-set, read-back, deviation memory only (B2)', {
    protocol: { learns: 'memory' },
    // Two values that a person takes back twice are four edits.
    small: { edits: 4, touches: 0, crashes: 0, faults: 0 },
    expected: { must: ['silent divergence'] },
  }),
  target('D', 'no compare-and-set, post-image, token', {
    vendors: NO_COMPARE_AND_SET,
    expected: { must: ['blind overwrite'] },
  }),
  target('E', 'as D, with zombie writes', {
    vendors: { ...NO_COMPARE_AND_SET, zombies: true },
    small: SMALLER,
    expected: {
      must: ['blind overwrite', 'zombie overwrite', 'loss behind a zombie'],
      // What a zombie overwrote is a change like any other, and travels.
      writesMax: 8,
    },
  }),
  target('F', 'no compare-and-set, read-back with provenance', {
    vendors: NO_COMPARE_AND_SET,
    protocol: { learns: 'provenance' },
    expected: { must: ['blind overwrite'] },
  }),
  target('G', 'as A, conflicts are held for a person', { field: { policy: { kind: 'ask' } } }),
  target('H', 'as A, each vendor refuses one value', { vendors: EACH_REFUSES }),
  target('I', 'as A, both vendors deviate', { field: BOTH_DEVIATE }),
  control('I-', 'as I, the value sent is taken for the value stored, no breaker', {
    field: BOTH_DEVIATE,
    protocol: { learns: 'intended' },
    expected: { terminates: false },
  }),
  control('X1', 'base advanced before the call (B7)', {
    protocol: { baseMoves: 'before-call' },
    expected: { must: ['revert', 'base off'] },
  }),
  control('X2', 'no durable intent', {
    protocol: { intent: 'none' },
    expected: { must: ['revert'] },
  }),
  control('X3', 'one shared base, each vendor refuses one value (B8)', {
    vendors: EACH_REFUSES,
    protocol: { base: 'shared' },
    expected: { must: ['revert', 'write without cause'], terminates: false },
  }),
  control('X4', 'base from a plain read-back (B1)', {
    protocol: { learns: 'plain-read' },
    expected: { must: ['silent divergence', 'base off'] },
  }),
  control('X5', 'no canoniser, one shared base', {
    field: BOTH_DEVIATE,
    protocol: { base: 'shared' },
    expected: { terminates: false },
  }),
  target('U', 'sets, union, two-step merge', {
    field: { shape: 'elements', policy: { kind: 'union' } },
    expected: { writesMax: 3 },
  }),
  control('U-', 'as U, both halves committed per call (B9)', {
    field: { shape: 'elements', policy: { kind: 'union' } },
    protocol: { merges: 'per-call' },
    expected: { must: ['silent divergence'] },
  }),
  // Not in the table.
  target('N', 'as A, a new link: no base, any two words or blank', { field: { start: 'new' } }),
  control('I+', 'as I-, with the breaker: the fight is stopped and reported (I17)', {
    field: BOTH_DEVIATE,
    protocol: { learns: 'intended', breaker: 'on' },
    small: { edits: 3, touches: 0, crashes: 0, faults: 0 },
    big: { edits: 3, touches: 0, crashes: 1, faults: 1 },
    expected: { may: ['base off', 'write without cause'], writesMax: 8 },
  }),
]
