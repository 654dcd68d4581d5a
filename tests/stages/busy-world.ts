/** A world at rest, and then: something of everything that a pass can have to do; as often as it is asked for. */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from '../../src/compose.ts'
import type { Store } from '../../src/store/store.ts'
import {
  associations,
  attioCompany,
  attioPerson,
  calm,
  edit,
  hubspotCompany,
  hubspotPerson,
  live,
  only,
  remove,
} from './story.ts'
import { openTestWorld, shippedMapping, type TestWorld } from './world.ts'

export interface BusyWorld {
  readonly world: TestWorld
  /** The prepared moment again: vendors and database. */
  rewind(): Promise<{ readonly store: Store; readonly file: string }>
  /** A name for another database of this world. */
  freshFile(): string
  close(): Promise<void>
}

/** `more`: what else happens before the moment that is returned to. */
export async function openBusyWorld(more: (world: TestWorld) => void = () => undefined): Promise<BusyWorld> {
  // Hundreds of databases that need not survive anything: in memory where the system has a folder for that.
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'attune-busy-'))
  const calmDatabase = join(folder, 'calm.db')
  const world = await openTestWorld({
    empty: true,
    mappings: [shippedMapping('companies'), shippedMapping('people')],
  })
  calm(world)
  await prepare(world, calmDatabase)
  more(world)
  const start = { attio: world.attio.snapshot(), hubspot: world.hubspot.snapshot() }
  let files = 0
  const freshFile = () => join(folder, `run-${(files += 1)}.db`)
  return {
    world,
    freshFile,
    async rewind() {
      world.attio.restore(start.attio)
      world.hubspot.restore(start.hubspot)
      const file = freshFile()
      copyFileSync(calmDatabase, file)
      return { store: await openStore({ file }), file }
    },
    async close() {
      await world.close()
      rmSync(folder, { recursive: true })
    },
  }
}

async function prepare(world: TestWorld, database: string): Promise<void> {
  const acme = attioCompany(world, 'Acme', 'acme-rockets.com')
  const umbra = hubspotCompany(world, 'Umbra', 'umbra-lights.com')
  const ada = attioPerson(world, {
    first: 'Ada',
    last: 'King',
    email: 'ada@king-family.com',
    job: 'Engineer',
  })
  edit(world, 'attio', 'people', ada, { company: [{ target_object: 'companies', target_record_id: acme }] })
  const dan = attioPerson(world, { first: 'Dan', last: 'Dare', email: 'dan@dare-pilots.com' })
  const eve = attioPerson(world, { first: 'Eve', last: 'Moor', email: 'eve@moor-and-sons.com', job: 'Clerk' })
  const store = await openStore({ file: database })
  await world.sync({ store })
  const links = await Promise.all([ada, eve, umbra].map((id) => store.findLinks(id)))
  const [adaThere, eveThere] = links.map(([link]) => link?.right ?? '')
  const umbraHere = links[2]?.[0]?.left ?? ''
  await store.close()
  await world.advance(600_000)

  edit(world, 'attio', 'people', ada, {
    job_title: ['Countess'],
    company: [{ target_object: 'companies', target_record_id: umbraHere }],
  })
  edit(world, 'hubspot', 'contacts', adaThere ?? '', { phone: '+14155550100' })
  edit(world, 'attio', 'people', eve, { job_title: ['Manager'] })
  edit(world, 'hubspot', 'contacts', eveThere ?? '', { jobtitle: 'Manager' })
  const bob = attioPerson(world, { first: 'Bob', last: 'Byron', email: 'bob@byron-poems.com' })
  edit(world, 'attio', 'people', bob, { company: [{ target_object: 'companies', target_record_id: acme }] })
  hubspotPerson(world, { first: 'Carol', last: 'Wise', email: 'carol@wise-guides.com', job: 'Guide' })
  attioPerson(world, { first: 'Nobody', last: 'Known' })
  remove(world, 'attio', 'people', dan)
  await world.advance(60_000)
}

/** What people see in both CRMs, without ids. */
export function pictureOf(world: TestWorld): unknown {
  const companyOf = (id: unknown) => only(live(world, 'attio', 'companies')[String(id)]?.values['domains'])
  const people = Object.values(live(world, 'attio', 'people')).map(({ values }) => ({
    name: (only(values['name']) as { full_name?: string } | null)?.full_name ?? null,
    emails: values['email_addresses'] ?? [],
    job: only(values['job_title']),
    phones: values['phone_numbers'] ?? [],
    company: companyOf((only(values['company']) as { id?: string } | null)?.id) ?? null,
    stamped: only(values['hubspot_id']) !== null,
  }))
  const contacts = Object.entries(live(world, 'hubspot', 'contacts')).map(([id, { values }]) => ({
    name: [values['firstname'], values['lastname']].join(' '),
    email: values['email'] ?? null,
    job: values['jobtitle'] ?? null,
    phone: values['phone'] ?? null,
    companies: associations(world, 'contacts', id).map((row) => {
      const [, company = '', label] = row.split('/')
      return `${String(live(world, 'hubspot', 'companies')[company]?.values['domain'])} ${label}`
    }),
    stamped: values['attio_record_id'] !== undefined,
  }))
  const text = (rows: object[]) => rows.map((row) => JSON.stringify(row)).toSorted()
  return {
    people: text(people),
    contacts: text(contacts),
    companies: Object.keys(live(world, 'attio', 'companies')).length,
    hubspotCompanies: Object.keys(live(world, 'hubspot', 'companies')).length,
  }
}
