/**
 * Every interleaving of the small world (algorithms 2.4): the target configurations are clean, the controls fail as
 * the table says. `npm run explore -- --config NAME` repeats one with the trace in words.
 */
import { describe, expect, test } from 'vitest'
import { CONFIGURATIONS } from './configurations.ts'
import { explore } from './explore.ts'
import { surprises } from './verdict.ts'

describe('all interleavings of edits, reads, calls, losses, crashes and late writes', () => {
  test.each(CONFIGURATIONS.map((configuration) => [configuration.name, configuration] as const))(
    '%s',
    (_name, configuration) => {
      const exploration = explore(configuration, configuration.small)
      expect(surprises(exploration).join('\n')).toBe('')
      // A model in which nothing can happen would be clean as well.
      expect(exploration.states).toBeGreaterThan(1_000)
    },
  )
})

test('exploring twice visits the same states in the same order', () => {
  const [configuration] = CONFIGURATIONS
  if (!configuration) throw new Error('there is a configuration')
  const once = explore(
    { ...configuration, protocol: { ...configuration.protocol, token: 'none' } },
    configuration.small,
  )
  const again = explore(
    { ...configuration, protocol: { ...configuration.protocol, token: 'none' } },
    configuration.small,
  )
  expect([again.states, again.edges, [...again.found]]).toEqual([once.states, once.edges, [...once.found]])
  expect(again.trace('revert')).toEqual(once.trace('revert'))
  expect(once.trace('revert').length).toBeGreaterThan(5)
})
