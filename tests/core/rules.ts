/** Field rules for tests of the core: plain text values, no mapping file in between. */
import { NO_LOOKUPS, type FieldRule, type Policy, type SideContext } from '../../src/core/rules.ts'
import { isEqual, type Canonical, type FieldValues } from '../../src/core/value.ts'
import type { Both } from '../../src/core/record.ts'

export const CONTEXT: Both<SideContext> = { left: NO_LOOKUPS, right: NO_LOOKUPS }

const ASK: Policy = { kind: 'ask' }

/** An identity rule over one field per side; everything can be overridden. */
export function identityRule(overrides: Partial<FieldRule> = {}): FieldRule {
  const side = (field: string) => ({
    fields: [field],
    channel: 'value' as const,
    read: (values: FieldValues): Canonical => values[field] ?? null,
    write: (target: Canonical) => ({ [field]: target }),
  })
  return {
    key: 'field',
    at: { file: 'test.yaml', line: 1, column: 1 },
    left: side('field'),
    right: side('field'),
    direction: 'both',
    drift: 'report',
    policy: ASK,
    seed: { kind: 'prefer-unless-blank', side: 'left' },
    blank: 'propagate',
    shape: 'whole',
    isReference: false,
    agree: isEqual,
    forward: (left) => ({ kind: 'value', value: left }),
    backward: (right) => ({ kind: 'value', value: right }),
    compare: (a, b) => Number(a ?? -1) - Number(b ?? -1),
    ...overrides,
  }
}
