/** Whether webhooks still come, told by what looks find that nobody had told of. */
import { expect, test } from 'vitest'
import { createHearing } from '../../src/stages/hearing.ts'

function heard() {
  const deliveries = new Map([['crm', 7]])
  const hearing = createHearing((connection) => deliveries.get(connection) ?? null)
  const deliver = () => deliveries.set('crm', (deliveries.get('crm') ?? 0) + 1)
  return { hearing, deliver }
}

test('a connection without webhooks is never heard, and never silent', () => {
  const { hearing } = heard()
  hearing.missed('other')
  hearing.missed('other')
  expect(hearing.isHeard('other')).toBe(false)
  expect(hearing.silent()).toEqual([])
})

test('a find is a suspicion, a second one without a delivery in between a certainty, and a delivery ends both', () => {
  const { hearing, deliver } = heard()
  expect(hearing.isHeard('crm')).toBe(true)
  hearing.missed('crm')
  expect(hearing.isHeard('crm')).toBe(false)
  expect(hearing.silent()).toEqual([])
  hearing.missed('crm')
  expect(hearing.silent()).toEqual(['crm'])
  deliver()
  expect(hearing.isHeard('crm')).toBe(true)
  expect(hearing.silent()).toEqual([])
})

test('single deliveries that got lost are no silence', () => {
  const { hearing, deliver } = heard()
  for (let i = 0; i < 5; i += 1) {
    hearing.missed('crm')
    deliver()
  }
  expect(hearing.silent()).toEqual([])
  expect(hearing.isHeard('crm')).toBe(true)
})
