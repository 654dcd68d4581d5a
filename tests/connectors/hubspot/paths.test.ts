import { describe, expect, test } from 'vitest'
import { clientStatus, versionedPath } from '../../../src/connectors/hubspot/paths.ts'
import { hubspotTraffic } from '../../../src/connectors/hubspot/traffic.ts'
import { json } from './scripted.ts'

describe('paths of the dated versions', () => {
  test.each([
    ['/crm/v3/objects/contacts/batch/read', '/crm/objects/2026-09/contacts/batch/read'],
    ['/crm/v3/objects/2-77/search', '/crm/objects/2026-09/2-77/search'],
    [
      '/crm/v4/associations/contacts/companies/batch/read',
      '/crm/associations/2026-09/contacts/companies/batch/read',
    ],
    ['/crm/v4/associations/contacts/companies/labels', '/crm/associations/2026-09/contacts/companies/labels'],
    ['/crm/v3/properties/contacts/groups', '/crm/properties/2026-09/contacts/groups'],
    ['/crm/v3/pipelines/deals', '/crm/pipelines/2026-09/deals'],
    ['/crm/v3/owners', '/crm/owners/2026-09'],
    ['/crm/v3/owners/', '/crm/owners/2026-09/'],
    ['/account-info/v3/details', '/account-info/2026-09/details'],
    ['/crm-object-schemas/v3/schemas', '/crm-object-schemas/2026-09/schemas'],
    ['/webhooks/v3/9001/settings', '/app-webhooks/2026-09/9001/settings'],
    ['/oauth/v1/access-tokens/abc', '/oauth/v1/access-tokens/abc'],
  ])('%s', (legacy, dated) => {
    expect(versionedPath(legacy, 'legacy')).toBe(legacy)
    expect(versionedPath(legacy, '2026-09')).toBe(dated)
  })

  test('webhook settings kept their area for one version', () => {
    expect(versionedPath('/webhooks/v3/9001/settings', '2026-03')).toBe('/webhooks/2026-03/9001/settings')
  })

  test('only association archives succeed with another status', () => {
    expect(clientStatus('/crm/v4/associations/contacts/companies/batch/archive', 200)).toBe(204)
    expect(clientStatus('/crm/v4/associations/contacts/companies/batch/labels/archive', 200)).toBe(204)
    expect(clientStatus('/crm/v4/associations/contacts/companies/batch/read', 200)).toBe(200)
    expect(clientStatus('/crm/v4/associations/contacts/companies/batch/archive', 400)).toBe(400)
  })
})

describe('traffic', () => {
  const classOf = (method: string, path: string, body: string | null = null) =>
    hubspotTraffic.classify({ method, url: `https://api.hubapi.com${path}`, headers: {}, body })

  test.each([
    ['GET', '/crm/v3/objects/contacts?limit=100', false, 'general'],
    ['POST', '/crm/v3/objects/contacts/batch/read?archived=false', false, 'general'],
    ['POST', '/crm/v4/associations/contacts/companies/batch/read', false, 'associations'],
    ['POST', '/crm/v3/objects/contacts/search', false, 'search'],
    ['POST', '/crm/objects/2026-09/contacts/search', false, 'search'],
    ['POST', '/crm/v3/objects/contacts/batch/upsert', true, 'general'],
    ['POST', '/crm/v3/objects/contacts/batch/archive', true, 'general'],
    ['POST', '/crm/v3/objects/contacts/merge', true, 'general'],
    ['POST', '/crm/v3/properties/contacts', true, 'general'],
    ['PATCH', '/crm/v3/objects/contacts/1', true, 'general'],
    ['DELETE', '/crm/v3/objects/contacts/1', true, 'general'],
  ])('%s %s', (method, path, mutating, bucket) => {
    const wider = bucket === 'general' ? {} : { alsoIn: ['general'] }
    expect(classOf(method, path, '{"inputs":[{"id":"1"}]}')).toEqual({ mutating, bucket, ...wider })
  })

  test('a batch of nothing changes nothing', () => {
    expect(classOf('POST', '/crm/v3/objects/contacts/batch/update', '{"inputs":[]}').mutating).toBe(false)
  })

  test('the ten-second limit follows the answers', () => {
    const headers = {
      'x-hubspot-ratelimit-max': '190',
      'x-hubspot-ratelimit-interval-milliseconds': '10000',
    }
    expect(hubspotTraffic.limitFrom?.(json(200, {}, headers), 'general')).toBe(190)
    expect(hubspotTraffic.limitFrom?.(json(200, {}, headers), 'search')).toBeNull()
    expect(hubspotTraffic.limitFrom?.(json(200, {}), 'general')).toBeNull()
    // The plan shows in the general limit, and the associations' limit belongs to the plan.
    expect(hubspotTraffic.limitFrom?.(json(200, {}, headers), 'associations')).toBe(150)
    const oauth = { ...headers, 'x-hubspot-ratelimit-max': '110' }
    expect(hubspotTraffic.limitFrom?.(json(200, {}, oauth), 'associations')).toBe(100)
    expect(
      hubspotTraffic.limitFrom?.(
        json(200, {}, { ...headers, 'x-hubspot-ratelimit-max': '77' }),
        'associations',
      ),
    ).toBeNull()
  })

  test('what is left follows the answers: of ten seconds, and of the day for private apps', () => {
    const headers = {
      'x-hubspot-ratelimit-remaining': '0',
      'x-hubspot-ratelimit-interval-milliseconds': '10000',
      'x-hubspot-ratelimit-daily': '625000',
      'x-hubspot-ratelimit-daily-remaining': '624000',
    }
    expect(hubspotTraffic.remainingFrom?.(json(200, {}, headers), 'general')).toBe(0)
    expect(hubspotTraffic.remainingFrom?.(json(200, {}, headers), 'search')).toBeNull()
    const pro = { ...headers, 'x-hubspot-ratelimit-max': '190', 'x-hubspot-ratelimit-remaining': '180' }
    expect(hubspotTraffic.remainingFrom?.(json(200, {}, pro), 'associations')).toBe(140)
    expect(hubspotTraffic.remainingFrom?.(json(200, {}, headers), 'associations')).toBeNull()
    expect(hubspotTraffic.remainingFrom?.(json(200, {}), 'general')).toBeNull()
    expect(hubspotTraffic.dayFrom?.(json(200, {}, headers), 'day')).toEqual({
      limit: 625_000,
      remaining: 624_000,
    })
    expect(hubspotTraffic.dayFrom?.(json(200, {}), 'day')).toBeNull()
    expect(hubspotTraffic.dayFrom?.(json(200, {}, headers), 'associations-day')).toBeNull()
  })

  test.each([
    ['You have reached your ten_secondly_rolling limit.', { kind: 'wait', ms: 10_000 }],
    ['You have reached your secondly limit.', { kind: 'wait', ms: 1_000 }],
    ['You have reached your daily limit.', { kind: 'give-up' }],
    ['Slow down', { kind: 'back-off' }],
  ])('after "%s"', (message, pause) => {
    expect(hubspotTraffic.pauseAfter?.(json(429, { message }))).toEqual(pause)
  })
})
