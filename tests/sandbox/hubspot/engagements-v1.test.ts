/** Engagements of version 1, which are notes and tasks of today, held against answers that hubspot-ruby recorded. */
import { describe, expect, it } from 'vitest'
import { TestPortal } from './portal.ts'

describe('engagements', () => {
  it('are notes and tasks', () => {
    const portal = new TestPortal()
    const vid = Number(portal.create('contacts', { email: 'a@x.com' }))
    const post = (type: string, metadata: object) =>
      portal.post('/engagements/v1/engagements', {
        engagement: { type, timestamp: 1_409_172_644_778, ownerId: 181530202 },
        associations: { contactIds: [vid] },
        metadata,
      })
    const note = post('NOTE', { body: 'hello' })
    expect(note).toMatchObject({
      status: 200,
      body: {
        engagement: { type: 'NOTE', timestamp: 1_409_172_644_778, ownerId: 181530202, bodyPreview: 'hello' },
        associations: { contactIds: [vid], companyIds: [], workflowIds: [] },
        metadata: { body: 'hello' },
      },
    })
    const { id } = note.body.engagement
    expect(portal.read('notes', String(id), 'hs_note_body')).toMatchObject({ hs_note_body: 'hello' })
    const task = post('TASK', { subject: 'Call', body: 'back', status: 'NOT_STARTED' }).body
    expect(task.metadata).toMatchObject({
      subject: 'Call',
      status: 'NOT_STARTED',
      taskType: 'TODO',
      forObjectType: 'OWNER',
      isAllDay: false,
    })
    expect(post('CALL', {}).status).toBe(501)

    const path = `/engagements/v1/engagements/${id}`
    expect(portal.patch(path, { metadata: { body: 'bye' } }).body.metadata.body).toBe('bye')
    const ids = (list: string) =>
      portal
        .get(`/engagements/v1/engagements/${list}`)
        .body.results.map((row: { engagement: { id: number } }) => row.engagement.id)
    expect(ids('paged')).toEqual([id, task.engagement.id])
    expect(ids('paged?limit=1')).toEqual([id])
    expect(portal.get('/engagements/v1/engagements/paged?limit=1').body).toMatchObject({
      hasMore: true,
      offset: id + 1,
    })
    expect(ids(`paged?offset=${id + 1}`)).toEqual([task.engagement.id])
    expect(ids(`associated/CONTACT/${vid}/paged`)).toEqual([id, task.engagement.id])
    expect(ids('recent/modified')).toHaveLength(2)
    expect(portal.call('DELETE', path).status).toBe(204)
    expect(portal.get(path).status).toBe(404)
  })
})
