import { describe, expect, test } from 'vitest'
import type { CreateItem, WriteOutcome } from '../../../src/connectors/writing.ts'
import type { SalesforceSettings } from '../../../src/sandbox/salesforce/settings.ts'
import { addField, sandbox, STAMP, UNIQUE_TEXT } from './sandbox.ts'

const ROWS = 5_000
const BAD = 7

function org(bulkFrom: number | null, settings: Partial<SalesforceSettings> = {}) {
  const made = sandbox({ settings, writes: { bulkFrom } })
  addField(made.model, `Contact.${STAMP}`, UNIQUE_TEXT)
  return made
}

const items = (count: number): readonly CreateItem[] =>
  Array.from({ length: count }, (_, n) => ({
    writeId: `w${n}`,
    values: {
      LastName: n % 3 === 0 ? `O"Neil, the ${n}th\nof them` : `No ${n}`,
      Email: n > 0 && n % 700 === 0 ? 'no address' : `person${n}@example.org`,
      Title: n % 2 === 0 ? 'CTO' : null,
      [STAMP]: `rec-${n}`,
    },
    stamp: { field: STAMP, value: `rec-${n}` },
  }))

/** Everything that a reader can see of a run, in the order of the items. */
async function stateAfter(made: ReturnType<typeof org>, outcomes: readonly WriteOutcome[]) {
  const records: string[] = []
  let cursor: string | null = null
  do {
    const page = await made.connector.list({
      object: 'Contact',
      fields: ['LastName', 'Email', 'Title', STAMP],
      cursor,
    })
    records.push(...page.records.map(({ values }) => JSON.stringify(values)))
    cursor = page.next
  } while (cursor !== null)
  const told = outcomes.map((outcome) =>
    outcome.kind === 'done'
      ? `${outcome.writeId} done`
      : `${outcome.writeId} ${outcome.error.kind} ${outcome.error.code} ${outcome.error.fields.join()}`,
  )
  return { records: records.toSorted(), told: told.toSorted() }
}

describe('an import of 5,000 rows', () => {
  test('ends equal through bulk jobs and through collections', { timeout: 30_000 }, async () => {
    const bulk = org(2_000)
    const collections = org(null)
    const loaded = await bulk.connector.create('Contact', items(ROWS))
    const sent = await collections.connector.create('Contact', items(ROWS))
    const [one, other] = [await stateAfter(bulk, loaded), await stateAfter(collections, sent)]
    expect(one.records).toHaveLength(ROWS - BAD)
    expect(one).toEqual(other)
    const writes = (made: ReturnType<typeof org>) =>
      made.requests.filter((route) => /^(PATCH|PUT|POST).*(ingest|sobjects\/\{object\}\/\{key\})/.test(route))
    expect(writes(bulk).length).toBeLessThan(10)
    expect(writes(collections)).toHaveLength(ROWS / 200)
  })

  test('updates as it creates', async () => {
    const made = org(100)
    const created = await made.connector.create('Contact', items(300))
    const ids = created.flatMap((outcome) => (outcome.kind === 'done' ? [outcome.id] : []))
    const outcomes = await made.connector.update(
      'Contact',
      ids.map((id) => ({ writeId: id, id, values: { Title: null, Department: 'Sales, "EMEA"' } })),
    )
    expect(outcomes.filter(({ kind }) => kind === 'done')).toHaveLength(300)
    const page = await made.connector.list({
      object: 'Contact',
      fields: ['Title', 'Department'],
      cursor: null,
    })
    expect(new Set(page.records.map(({ values }) => JSON.stringify(values)))).toEqual(
      new Set([JSON.stringify({ Title: null, Department: 'Sales, "EMEA"' })]),
    )
  })
})

describe('a job', () => {
  test('that fails half way has its other rows sent by themselves', async () => {
    const made = org(100, { bulkFailsAfter: 120 })
    const outcomes = await made.connector.create('Contact', items(300))
    expect(outcomes.filter(({ kind }) => kind === 'done')).toHaveLength(300)
    expect((await stateAfter(made, outcomes)).records).toHaveLength(300)
  })

  test('of less rows than configured is none', async () => {
    const made = org(100)
    await made.connector.create('Contact', items(99))
    expect(made.requests.some((route) => route.includes('ingest'))).toBe(false)
  })

  test('does not carry a text that means null in a file', async () => {
    const made = org(3)
    const odd = items(3).map((item, n) =>
      n === 1 ? { ...item, values: { ...item.values, Title: '#N/A' } } : item,
    )
    const outcomes = await made.connector.create('Contact', odd)
    const titles = new Map(outcomes.map((outcome) => [outcome.writeId, outcome]))
    expect(titles.get('w1')).toMatchObject({ kind: 'done', image: { Title: '#N/A' } })
    expect(titles.get('w0')).toMatchObject({ kind: 'done', image: { Title: 'CTO' } })
  })

  test.each(['unsent', 'lost', 'applied'] as const)(
    'whose first request was %s leaves no row twice',
    async (how) => {
      const made = org(3)
      made.network.interruptNextWrite(how)
      const outcomes = await made.connector.create('Contact', items(3))
      expect(outcomes.filter(({ kind }) => kind === 'done')).toHaveLength(3)
      expect((await stateAfter(made, outcomes)).records).toHaveLength(3)
    },
  )

  test('repeats what a duplicate rule warned of where the operator allows it', async () => {
    const made = sandbox({
      settings: {
        duplicateRules: [
          {
            name: 'R',
            object: 'Contact',
            action: 'alert',
            matching: [{ object: 'Contact', fields: { LastName: 'LastName' } }],
          },
        ],
      },
      writes: { bulkFrom: 3, allowDuplicates: true },
    })
    addField(made.model, `Contact.${STAMP}`, UNIQUE_TEXT)
    const same = items(3).map((item) => ({ ...item, values: { ...item.values, LastName: 'Same' } }))
    const outcomes = await made.connector.create('Contact', same)
    expect(outcomes.filter(({ kind }) => kind === 'done')).toHaveLength(3)
  })
})
