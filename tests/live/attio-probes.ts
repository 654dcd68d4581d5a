/** Open questions about Attio (Attio fact sheet 21), as far as a token can answer them. */
import type { Findings } from './findings.ts'
import { at, listAt, refusal, textAt, type Answer, type Rest } from './rest.ts'

const QUERY = '/v2/objects/companies/records/query'

/** Changes nothing. */
export async function readAttio(ask: Rest, findings: Findings): Promise<void> {
  const self = await ask('GET', '/v2/self')
  if (self.status !== 200) throw new Error(`Attio refuses the token: ${refusal(self)}`)

  const sizes = []
  for (const limit of [500, 501, 1_000]) {
    const answer = await ask('POST', '/v2/objects/people/records/query', { limit })
    const rows = listAt(answer.body, 'data').length
    sizes.push(answer.status === 200 ? `limit ${limit}: ${rows} rows` : `limit ${limit}: ${refusal(answer)}`)
  }
  findings.add('Attio 1', 'largest limit of a record query', sizes.join('; '))

  const listed = await ask('POST', QUERY, { limit: 50 })
  const created = listAt(listed.body, 'data').map((record) => textAt(record, 'created_at'))
  const isAscending = created.every((time, place) => place === 0 || time >= (created[place - 1] ?? ''))
  const isDescending = created.every((time, place) => place === 0 || time <= (created[place - 1] ?? ''))
  const order = { true: 'oldest first', false: isDescending ? 'newest first' : 'neither' }[`${isAscending}`]
  findings.add(
    'Attio 6',
    'order of a record query without sorts, by created_at',
    `${order}, ${created.length} rows`,
  )

  findings.add('Attio 10', 'x-accurate-at on a record query', listed.headers.get('x-accurate-at') ?? 'absent')

  const limits = [...listed.headers].filter(([name]) => /limit|retry|score/i.test(name))
  const shown = limits.map(([name, value]) => `${name}: ${value}`).join('; ')
  findings.add('Attio 12', 'headers that tell an allowance', shown || 'none')

  const lists = []
  for (const count of [100, 1_000, 5_000]) {
    const ids = Array.from({ length: count }, (_, n) => `00000000-0000-4000-8000-${`${n}`.padStart(12, '0')}`)
    const answer = await ask('POST', QUERY, { limit: 1, filter: { record_id: { $in: ids } } })
    lists.push(answer.status === 200 ? `${count} ids: accepted` : `${count} ids: ${refusal(answer)}`)
  }
  findings.add('Attio 14', 'largest $in list', lists.join('; '))

  for (const [number, asked, why] of LEFT) findings.leave(`Attio ${number}`, asked, why)
}

const LEFT = [
  [
    2,
    "an assert that several records match, or that sets another record's unique value",
    'takes several records',
  ],
  [
    5,
    'events for initial values and for relationship mirrors',
    'takes a webhook target that Attio can reach',
  ],
  [9, 'retries, order and batches of deliveries', 'takes a webhook target that Attio can reach'],
  [13, 'revoking a token', 'would end the token that asks, and takes an OAuth app'],
  [15, 'what goes with a deleted record', 'takes entries, notes and tasks to lose'],
] as const

/** Makes one company called `name`, changes it, and removes it again whatever happens. */
export async function writeAttio(ask: Rest, findings: Findings, name: string): Promise<void> {
  const self = await ask('GET', '/v2/self')
  const domain = `${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.com`
  const made = await ask('POST', '/v2/objects/companies/records', {
    data: {
      values: { name, domains: [`https://WWW.${domain.toUpperCase()}/about?x=1`], description: 'first' },
    },
  })
  const id = textAt(made.body, 'data', 'id', 'record_id')
  if (id === '') throw new Error(`Attio does not create a company: ${refusal(made)}`)
  const record = `/v2/objects/companies/records/${id}`
  try {
    findings.add(
      'Attio 8',
      'stored form of https://WWW.<DOMAIN>/about?x=1',
      textAt(made.body, 'data', 'values', 'domains', 0, 'domain').replace(domain, '<domain>'),
    )

    const actor = textAt(made.body, 'data', 'values', 'name', 0, 'created_by_actor', 'id')
    const equal = Object.entries((self.body ?? {}) as Record<string, unknown>).filter(
      ([, value]) => value === actor,
    )
    findings.add(
      'Attio 4',
      'field of /v2/self that equals our actor id',
      equal.map(([key]) => key).join() || 'none',
    )

    const found = await ask('POST', QUERY, { limit: 1, filter: { domains: { domain: { $eq: domain } } } })
    const isThere = listAt(found.body, 'data').length === 1
    findings.add('Attio 10', 'a filter right after the write finds the record', isThere ? 'yes' : 'no')

    await probeRewrite(ask, findings, record, name)

    const unknown = await ask('PATCH', record, { data: { values: { attune_no_such_attribute: 'x' } } })
    findings.add('Attio 11', 'an unknown attribute in values', refusal(unknown))

    const cleared = []
    for (const [verb, blank] of [
      ['PATCH', []],
      ['PATCH', null],
      ['PUT', []],
      ['PUT', null],
    ] as const) {
      await ask('PATCH', record, { data: { values: { description: 'to be cleared' } } })
      const answer = await ask(verb, record, { data: { values: { description: blank } } })
      const left = listAt(answer.body, 'data', 'values', 'description').length
      const outcome = answer.status === 200 ? (left === 0 ? 'cleared' : 'kept') : refusal(answer)
      cleared.push(`${verb} ${JSON.stringify(blank)}: ${outcome}`)
    }
    findings.add('Attio 7', 'clearing a single value', cleared.join('; '))
  } finally {
    await remove(ask, record)
  }
}

/** What is left behind in somebody's account is more urgent than whatever else went wrong. */
async function remove(ask: Rest, record: string): Promise<void> {
  const removed = await ask('DELETE', record)
  const gone = await ask('GET', record)
  if (gone.status !== 404) throw new Error(`please remove ${record} by hand: ${refusal(removed)}`)
}

/** Writing the value that is already there. The name, because enriched attributes have no history (section 10.8). */
async function probeRewrite(ask: Rest, findings: Findings, record: string, name: string): Promise<void> {
  const values = { data: { values: { name: `${name} (changed)` } } }
  const since = (answer: Answer) => textAt(at(answer.body, 'data', 'values', 'name', 0), 'active_from')
  const first = since(await ask('PATCH', record, values))
  const again = since(await ask('PATCH', record, values))
  const history = await ask('GET', `${record}/attributes/name/values?show_historic=true`)
  const rows = history.status === 200 ? `${listAt(history.body, 'data').length} rows` : refusal(history)
  const seen = `${first === again ? 'the same' : 'a new'} active_from; history after one change written twice: ${rows}`
  findings.add('Attio 3', 'writing an unchanged value', seen)
}
