/**
 * Two worlds of 2,000 people that overlap by half, with everything the generator makes of them: other spellings,
 * contradictions, duplicates, an Attio that enriches. One sync brings them together, a second has nothing to do.
 */
import Sqlite from 'better-sqlite3'
import { expect, it } from 'vitest'
import type { Dump, DumpedRecord } from '../../src/sandbox/model.ts'
import { emailsOf } from './rig/people-at-work.ts'
import { since, startSandbox } from './rig/sandbox.ts'
import { openWorkspace } from './rig/workspace.ts'

interface Dumps {
  readonly attio: Dump
  readonly hubspot: Dump
}

/** Objects with a natural key, and how each vendor writes it. Deals have none. */
const KEYED = [
  {
    left: 'people',
    right: 'contacts',
    keysOf: { attio: emailsOf, hubspot: contactEmails },
  },
  {
    left: 'companies',
    right: 'companies',
    keysOf: { attio: attioDomains, hubspot: companyDomains },
  },
] as const

it('leaves nothing to do for a second sync, and neither doubles nor guesses', async () => {
  const sandbox = await startSandbox({ people: 2_000, overlap: 0.5, seed: 7 })
  const workspace = await openWorkspace({ environment: sandbox.environment })
  const dumps = async (): Promise<Dumps> => ({
    attio: await sandbox.dump('attio'),
    hubspot: await sandbox.dump('hubspot'),
  })
  const before = await dumps()

  const first = await workspace.sync()
  expect(first.linked).toBeGreaterThan(1_000)
  expect(first.created.left).toBeGreaterThan(400)
  expect(first.created.right).toBeGreaterThan(400)

  const counted = await sandbox.stats()
  const second = await workspace.sync()
  const { attio, hubspot } = since(counted, await sandbox.stats())
  expect(second).toMatchObject({
    linked: 0,
    created: { left: 0, right: 0 },
    updated: { left: 0, right: 0 },
    deleted: { left: 0, right: 0 },
    conflictsOpened: 0,
    writes: 0,
  })
  expect([attio.writes, hubspot.writes], 'writes as the vendors counted them').toEqual([0, 0])

  const after = await dumps()
  expect(newDoubles(before, after), `database ${workspace.database}`).toEqual([])
  const links = linksOf(workspace.database)
  expect(links.length).toBeGreaterThan(2_000)
  expect(guessed(before, links), 'links that no shared key explains').toEqual([])
  expect(missed(before, links), 'pairs that share a key nobody else has, and are not linked').toEqual([])
  expect(second.review, 'unclear matches wait for a person').toBeGreaterThan(0)
  expect(second.quarantined).toBe(0)

  await sandbox.stop()
  await workspace.remove()
})

interface LinkRow {
  readonly mapping: string
  readonly left: string
  readonly right: string
}

function linksOf(file: string): readonly LinkRow[] {
  const database = new Sqlite(file, { readonly: true })
  try {
    return database
      .prepare<[], LinkRow>(
        `select mapping, left_id as left, right_id as right from link where state = 'live'`,
      )
      .all()
  } finally {
    database.close()
  }
}

/** Natural keys that more records of one side hold now than before, beyond the first. */
function newDoubles(before: Dumps, after: Dumps): readonly string[] {
  return KEYED.flatMap(({ left, right, keysOf }) =>
    (['attio', 'hubspot'] as const).flatMap((vendor) => {
      const object = vendor === 'attio' ? left : right
      const generated = holders(before[vendor][object], keysOf[vendor])
      return [...holders(after[vendor][object], keysOf[vendor])].flatMap(([key, ids]) =>
        ids.length > Math.max(1, generated.get(key)?.length ?? 0) ? [`${vendor}/${object}: ${key}`] : [],
      )
    }),
  )
}

/** Links between records that both existed before, without a key in common: only a person may make those. */
function guessed(before: Dumps, links: readonly LinkRow[]): readonly string[] {
  return links.flatMap(({ mapping, left, right }) => {
    const object = mapping.split('/').at(-1)
    const keyed = KEYED.find((each) => `${each.left}-${each.right}` === object)
    const leftRecord = before.attio[keyed?.left ?? 'deals']?.[left]
    const rightRecord = before.hubspot[keyed?.right ?? 'deals']?.[right]
    if (!leftRecord || !rightRecord) return []
    const keys = keyed?.keysOf.hubspot(rightRecord) ?? []
    const shared = keyed?.keysOf.attio(leftRecord).some((key) => keys.includes(key)) ?? false
    return shared ? [] : [`${object}: ${left} and ${right}`]
  })
}

/** Records that hold a key which exactly one record of each side holds, and which are not linked to each other. */
function missed(before: Dumps, links: readonly LinkRow[]): readonly string[] {
  const partner = new Map(links.map(({ left, right }) => [left, right]))
  return KEYED.flatMap(({ left, right, keysOf }) => {
    const theirs = holders(before.hubspot[right], keysOf.hubspot)
    const ours = holders(before.attio[left], keysOf.attio)
    const isAlone = (id: string, side: typeof ours, keys: readonly string[]) =>
      keys.every((key) => (side.get(key) ?? []).every((holder) => holder === id))
    return [...ours].flatMap(([key, [id = '', ...others]]) => {
      const [counterpart, ...more] = theirs.get(key) ?? []
      if (counterpart === undefined || others.length > 0 || more.length > 0) return []
      const keys = [
        ...keysOf.attio(before.attio[left]?.[id] ?? NOTHING),
        ...keysOf.hubspot(before.hubspot[right]?.[counterpart] ?? NOTHING),
      ]
      const isClear = isAlone(id, ours, keys) && isAlone(counterpart, theirs, keys)
      return isClear && partner.get(id) !== counterpart ? [`${left}: ${key}`] : []
    })
  })
}

const NOTHING: DumpedRecord = { values: {}, state: 'live', into: null, associations: [] }

/** Key → ids of the live records that hold it. */
function holders(
  records: Dump[string] | undefined,
  keysOf: (record: DumpedRecord) => readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const pairs = Object.entries(records ?? {})
    .filter(([, { state }]) => state === 'live')
    .flatMap(([id, record]) => [...new Set(keysOf(record))].map((key) => ({ key, id })))
  return new Map(
    [...Map.groupBy(pairs, ({ key }) => key)].map(([key, group]) => [key, group.map(({ id }) => id)]),
  )
}

function contactEmails({ values }: DumpedRecord): readonly string[] {
  return texts(values, ['email', 'hs_additional_emails']).map((email) => email.toLowerCase())
}

function attioDomains({ values }: DumpedRecord): readonly string[] {
  return (values['domains'] as readonly string[] | undefined) ?? []
}

function companyDomains({ values }: DumpedRecord): readonly string[] {
  return texts(values, ['domain', 'hs_additional_domains']).map((domain) =>
    domain
      .toLowerCase()
      .replace(/^https?:\/\//, '')
      .replace(/^www\./, '')
      .replace(/\/.*$/, ''),
  )
}

function texts(values: DumpedRecord['values'], names: readonly string[]): readonly string[] {
  return names.flatMap((name) => {
    const value = values[name]
    return typeof value === 'string' && value !== '' ? value.split(';') : []
  })
}
