/** Policy names of mapping files → the core's policies. */
import type { Policy } from '../core/rules.ts'
import type { PolicyName } from './document.ts'
import type { Transform } from './transforms/transform.ts'

/**
 * The policy a name stands for on one field. `advance` needs an order of values; without one it asks, which
 * `check` reports.
 */
export function policyOf(name: PolicyName, otherwise: PolicyName | undefined, transform: Transform): Policy {
  switch (name) {
    case 'ask':
    case 'union':
    case 'max':
    case 'min':
    case 'never-overwrite':
    case 'write-once':
      return { kind: name }
    case 'prefer-left':
      return { kind: 'prefer', side: 'left' }
    case 'prefer-right':
      return { kind: 'prefer', side: 'right' }
    case 'prefer-unless-blank':
    case 'prefer-left-unless-blank':
      return { kind: 'prefer-unless-blank', side: 'left' }
    case 'prefer-right-unless-blank':
      return { kind: 'prefer-unless-blank', side: 'right' }
    case 'most-recent':
      return { kind: 'most-recent', otherwise: policyOf(otherwise ?? 'ask', undefined, transform) }
    case 'advance':
      return transform.rank ? { kind: 'advance', rank: transform.rank } : { kind: 'ask' }
  }
}

/**
 * Two records that meet have no history: a blank there is the lack of a value, not somebody's decision to
 * remove it, so a preference for a side never clears the other one.
 */
export function seedPolicyOf(
  name: PolicyName,
  otherwise: PolicyName | undefined,
  transform: Transform,
): Policy {
  const policy = policyOf(name, otherwise, transform)
  return policy.kind === 'prefer' ? { kind: 'prefer-unless-blank', side: policy.side } : policy
}
