/** Open questions about HubSpot (HubSpot fact sheet 25), as far as a token can answer them. */
import type { Findings } from './findings.ts'
import { at, listAt, refusal, textAt, type Rest } from './rest.ts'

const CONTACTS = '/crm/v3/objects/contacts'

/** Changes nothing. */
export async function readHubSpot(ask: Rest, findings: Findings): Promise<void> {
  const account = await ask('GET', '/account-info/v3/details')
  if (account.status !== 200) throw new Error(`HubSpot refuses the token: ${refusal(account)}`)

  const deep = await ask('POST', `${CONTACTS}/search`, { limit: 1, after: '10000', filterGroups: [] })
  findings.add('HubSpot 9', 'a search beyond 10,000 results', refusal(deep))
  const inputs = Array.from({ length: 101 }, (_, n) => ({ id: `${n + 1}` }))
  const wide = await ask('POST', `${CONTACTS}/batch/read`, { inputs, properties: ['email'] })
  findings.add('HubSpot 9', 'a batch of 101 ids', refusal(wide))

  const listed = await ask('GET', `${CONTACTS}?limit=50&propertiesWithHistory=jobtitle,email,lifecyclestage`)
  const depths = listAt(listed.body, 'results').flatMap((record) =>
    Object.values((at(record, 'propertiesWithHistory') ?? {}) as Record<string, unknown>).map((rows) =>
      Array.isArray(rows) ? rows.length : 0,
    ),
  )
  findings.add('HubSpot 10', 'deepest history among 50 contacts', `${Math.max(0, ...depths)} versions`)

  const archived = await ask('GET', `${CONTACTS}?limit=100&archived=true&properties=hs_merged_object_ids`)
  const rows = listAt(archived.body, 'results').length
  findings.add(
    'HubSpot 4',
    'archived contacts that are listed',
    archived.status === 200 ? `${rows}` : refusal(archived),
  )

  const limits = [...listed.headers].filter(([header]) => /ratelimit/i.test(header))
  const shown = limits.map(([header, value]) => `${header}: ${value}`).join('; ')
  findings.add('HubSpot 15', 'allowances as the headers tell them', shown || 'no headers')

  for (const [number, asked, why] of LEFT) findings.leave(`HubSpot ${number}`, asked, why)
}

const LEFT = [
  [2, 'taking the address of another contact', 'takes two contacts at once'],
  [3, 'a stage of another pipeline', 'takes a deal, and a second pipeline'],
  [5, 'events for values set at creation', 'takes a webhook target that HubSpot can reach'],
  [8, 'modified date after an association', 'takes two contacts at once'],
  [11, 'the day on which v4 ends', 'only the changelog says so'],
  [13, '`Retry-After` of a 429', "would exhaust the account's allowance"],
  [14, 'unknown and read-only properties of notes and tasks', "takes a note on somebody's timeline"],
] as const

/**
 * Makes one contact called `name`, changes it and archives it; then asks whether its address is free again, which where it
 * is makes another one that is archived at once. There are never two of them.
 */
export async function writeHubSpot(ask: Rest, findings: Findings, name: string): Promise<void> {
  const mailbox = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
  const [email, further] = [`${mailbox}@example.com`, `${mailbox}-further@example.com`]
  const ids = new Set<string>()
  const create = async () => {
    const properties = { email, firstname: 'Attune live test', lastname: name }
    const answer = await ask('POST', CONTACTS, { properties })
    const id = textAt(answer.body, 'id')
    if (id !== '') ids.add(id)
    return { answer, id }
  }
  try {
    const made = await create()
    if (made.id === '') throw new Error(`HubSpot does not create a contact: ${refusal(made.answer)}`)
    const contact = `${CONTACTS}/${made.id}`
    const sources = [
      'hs_object_source',
      'hs_object_source_id',
      'hs_object_source_label',
      'hs_object_source_user_id',
    ]
    const seen = await ask('GET', `${contact}?properties=${sources.join()}`)
    const told = sources.map(
      (property) => `${property}: ${textAt(seen.body, 'properties', property) || 'blank'}`,
    )
    findings.add('HubSpot 12', 'how our write shows', told.join('; '))

    const written = await ask('PATCH', contact, { properties: { hs_additional_emails: further } })
    const stored = await ask('GET', `${contact}?properties=hs_additional_emails`)
    const value = textAt(stored.body, 'properties', 'hs_additional_emails')
    const outcome = value === '' ? 'nothing stored' : 'stored'
    findings.add('HubSpot 7', 'writing hs_additional_emails', `${refusal(written)}, ${outcome}`)

    const mixed = await ask('POST', `${CONTACTS}/batch/upsert`, {
      inputs: [
        { idProperty: 'email', id: email, properties: { lastname: `${name} (changed)` } },
        { idProperty: 'email', id: 'not an address', properties: { lastname: name } },
      ],
    })
    for (const upserted of listAt(mixed.body, 'results')) ids.add(textAt(upserted, 'id'))
    findings.add(
      'HubSpot 6',
      'an upsert of a good and a bad row without trace ids',
      withoutIds(refusal(mixed)),
    )

    await ask('DELETE', contact)
    const again = await create()
    const how = again.id === '' ? 'refused' : again.id === made.id ? 'the same id' : 'a new id'
    findings.add(
      'HubSpot 1',
      'creating with the address of an archived contact',
      `${again.answer.status}, ${how}`,
    )
  } finally {
    await archive(ask, ids)
  }
}

/** What is left behind in somebody's account is more urgent than whatever else went wrong. */
async function archive(ask: Rest, ids: ReadonlySet<string>): Promise<void> {
  for (const id of ids) await ask('DELETE', `${CONTACTS}/${id}`)
  for (const id of ids) {
    const gone = await ask('GET', `${CONTACTS}/${id}`)
    if (gone.status !== 404) throw new Error(`please archive the contact ${id} by hand: ${refusal(gone)}`)
  }
}

function withoutIds(text: string): string {
  return text.replaceAll(/\d{6,}/g, '<id>').replaceAll(/\S+@\S+/g, '<address>')
}
