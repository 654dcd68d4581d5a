/** Reads a HubSpot portal over its API: every live record of an object with its associations. */
import type { FieldValue, FieldValues } from '../../src/core/value.ts'
import { listAt, textAt, type Api } from './api.ts'
import type { Person, Replica } from './replica.ts'

const PAGE = 100

export async function readHubSpot(hubspot: Api): Promise<Replica> {
  const owners = [...(await readOwners(hubspot, true)), ...(await readOwners(hubspot, false))]
  return {
    users: [...new Map(owners.map((owner) => [owner.id, owner])).values()],
    tokenOwner: null,
    records: (object, fields) => readRecords(hubspot, object, fields),
  }
}

async function readOwners(hubspot: Api, archived: boolean): Promise<readonly Person[]> {
  const owners: Person[] = []
  for (let after = ''; ;) {
    const page = await hubspot.get(`/crm/v3/owners?limit=${PAGE}&archived=${archived}${after}`)
    for (const owner of listAt(page, 'results')) {
      const email = (textAt(owner, 'email') ?? '').toLowerCase()
      owners.push({ id: textAt(owner, 'id') ?? '', email, active: !archived })
    }
    const next = textAt(page, 'paging', 'next', 'after')
    if (next === null) return owners
    after = `&after=${encodeURIComponent(next)}`
  }
}

async function readRecords(
  hubspot: Api,
  object: string,
  fields: readonly string[],
): Promise<ReadonlyMap<string, FieldValues>> {
  const properties = fields.filter((field) => !field.startsWith('association:'))
  const records = new Map<string, Record<string, FieldValue>>()
  const query = `limit=${PAGE}&properties=${properties.map(encodeURIComponent).join(',')}`
  for (let after = ''; ;) {
    const page = await hubspot.get(`/crm/v3/objects/${object}?${query}${after}`)
    for (const record of listAt(page, 'results')) {
      const values = properties.map((name): [string, FieldValue] => {
        return [name, textAt(record, 'properties', name) || null]
      })
      records.set(textAt(record, 'id') ?? '', Object.fromEntries(values))
    }
    const next = textAt(page, 'paging', 'next', 'after')
    if (next === null) break
    after = `&after=${encodeURIComponent(next)}`
  }
  for (const field of fields) {
    if (field.startsWith('association:')) await addAssociations(hubspot, object, field, records)
  }
  return records
}

/** `association:<object>` holds every associated record, `association:<object>/<label>` those with that label. */
async function addAssociations(
  hubspot: Api,
  object: string,
  field: string,
  records: ReadonlyMap<string, Record<string, FieldValue>>,
): Promise<void> {
  const [to = '', label = null] = field.slice('association:'.length).split('/')
  for (const values of records.values()) values[field] = []
  const ids = [...records.keys()]
  for (let i = 0; i < ids.length; i += PAGE) {
    const inputs = ids.slice(i, i + PAGE).map((id) => ({ id }))
    const answer = await hubspot.post(`/crm/v4/associations/${object}/${to}/batch/read`, { inputs })
    for (const row of listAt(answer, 'results')) {
      const values = records.get(textAt(row, 'from', 'id') ?? '')
      if (!values) continue
      values[field] = listAt(row, 'to').flatMap((other) => {
        const labels = listAt(other, 'associationTypes').map((type) => textAt(type, 'label')?.toLowerCase())
        const isMeant = label === null || labels.includes(label.toLowerCase())
        return isMeant ? [{ object: to, id: textAt(other, 'toObjectId') }] : []
      })
    }
  }
}
