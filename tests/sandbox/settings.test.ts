/** Switches of the models, as the control port sets them: what makes no sense is refused, and then nothing changes. */
import { describe, expect, test } from 'vitest'
import { changeSettings } from '../../src/sandbox/settings.ts'
import { createWorld } from '../../src/sandbox/world.ts'
import { systemRuntime } from '../../src/runtime.ts'

const { models } = createWorld({ runtime: systemRuntime, empty: true })

function modelOf(vendor: string) {
  const model = models.get(vendor)
  if (!model) throw new Error(`no ${vendor}`)
  return model
}

describe.each(['attio', 'hubspot', 'salesforce'])('%s', (vendor) => {
  test('knows what each of its settings may be, and has that', () => {
    const { settings, settingsSchema } = modelOf(vendor)
    expect(Object.keys(settingsSchema.shape).toSorted()).toEqual(Object.keys(settings).toSorted())
    expect(settingsSchema.parse(settings)).toEqual(settings)
  })

  test('refuses an unknown setting by name, and says which there are', () => {
    const problem = changeSettings(modelOf(vendor), { enrichmnet: true })
    expect(problem).toContain(`The ${vendor} model has no setting "enrichmnet"; it has `)
  })

  test('takes null for no setting but those that can be without a value', () => {
    const { settings } = modelOf(vendor)
    const taken = Object.keys(settings).filter((name) => {
      const before = settings[name]
      const isTaken = changeSettings(modelOf(vendor), { [name]: null }) === null
      settings[name] = before
      return isTaken
    })
    const nullable: Readonly<Record<string, readonly string[]>> = {
      attio: ['scopes', 'objectLimit', 'queryScore'],
      hubspot: ['movesUntilMs'],
      salesforce: ['sessionRefusal', 'jwtPublicKey', 'leadQueue', 'chunkFailure', 'bulkFailsAfter'],
    }
    expect(taken.toSorted()).toEqual(nullable[vendor]?.toSorted())
  })
})

test.each([
  ['attio', 'scopes', 5],
  ['attio', 'objectLimit', 'many'],
  ['attio', 'objectLimit', -1],
  ['attio', 'queryScore', 100],
  ['attio', 'queryScore', { perQuery: 1 }],
  ['attio', 'retryAfter', 'tomorrow'],
  ['attio', 'pageMax', 0],
  ['attio', 'duplicateShare', 1.5],
  ['hubspot', 'movesUntilMs', 'soon'],
  ['hubspot', 'searchLagMs', [500, 100]],
  ['hubspot', 'searchLagMs', [100]],
  ['hubspot', 'tier', 'free'],
  ['hubspot', 'webhookLosses', -0.1],
  ['salesforce', 'sessionRefusal', 401],
  ['salesforce', 'jwtPublicKey', 1],
  ['salesforce', 'leadQueue', true],
  ['salesforce', 'chunkFailure', 3],
  ['salesforce', 'bulkFailsAfter', 'all'],
  ['salesforce', 'duplicateRules', [{ name: 'no object' }]],
] as const)('%s refuses %s: %j, and changes nothing', (vendor, name, value) => {
  const model = modelOf(vendor)
  const before = structuredClone(model.settings)
  const calm = vendor === 'attio' ? { enrichment: false } : {}
  expect(changeSettings(model, { ...calm, [name]: value })).toContain(`"${name}`)
  expect(model.settings).toEqual(before)
})

test.each([
  [
    'attio',
    {
      scopes: ['object_configuration:read'],
      objectLimit: 3,
      queryScore: { perQuery: 10, perTenSeconds: 50 },
    },
  ],
  ['hubspot', { movesUntilMs: 1_790_000_000_000, utcOffsetMinutes: 60 }],
  ['salesforce', { sessionRefusal: 'Blocked.', leadQueue: null, bulkFailsAfter: 0 }],
] as const)('%s takes %j', (vendor, changes) => {
  const model = modelOf(vendor)
  const before = { ...model.settings }
  expect(changeSettings(model, changes)).toBeNull()
  expect(model.settings).toEqual({ ...before, ...changes })
  Object.assign(model.settings, before)
})
