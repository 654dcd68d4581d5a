/** b. How many requests the vendors see per record, as the sandbox counts them, for `attune sync` as users run it. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { REPOSITORY } from '../system/rig/child.ts'
import type { Workplace } from '../system/rig/people-at-work.ts'
import { since, type RunningSandbox, type VendorName } from '../system/rig/sandbox.ts'
import { openWorkspace } from '../system/rig/workspace.ts'
import { idsOf, say, withSandbox } from './stand.ts'

export interface Requests {
  /** People in Attio, first load into an empty HubSpot, without companies, deals and associations. */
  readonly firstLoad: {
    readonly people: number
    readonly created: number
    readonly hubspot: Counts
    readonly attio: Counts
    readonly hubspotRequestsPerCreatedRecord: number
  }
  /** People changed in Attio: what the sync needs beyond one that finds nothing. */
  readonly changedInAttio: Change
  /** Contacts changed in HubSpot: the same. */
  readonly changedInHubSpot: Change
  /** Contacts entered in HubSpot: the same. */
  readonly createdInHubSpot: Change
}

interface Counts {
  readonly reads: number
  readonly writes: number
}

export interface Change {
  readonly records: number
  readonly attio: Counts & { readonly writesPerRecord: number }
  readonly hubspot: Counts
  /** HubSpot's batch calls among them. */
  readonly hubspotBatchReads: number
  readonly hubspotBatchWrites: number
}

export async function measureRequests(options: { people: number; changed: number }): Promise<Requests> {
  return withSandbox({ people: options.people, seed: 7, overlap: 1, only: 'attio' }, async (sandbox) => {
    const folder = await mkdtemp(join(tmpdir(), 'attune-bench-'))
    const workspace = await openWorkspace({
      environment: sandbox.environment,
      mappings: [await peopleAlone(folder)],
    })
    // What the vendor does by itself afterwards would be counted as ours.
    await sandbox.settings('attio', { enrichment: false, createCompanies: false })
    const sync = async () => {
      const before = await sandbox.stats()
      const summary = await workspace.sync()
      return { summary, used: since(before, await sandbox.stats()) }
    }
    // Creates the fields for record ids, which is part of a setup.
    await workspace.run(['setup', '--yes'])
    const first = await sync()
    const created = first.summary.created.right
    say(`  first load: ${created} contacts`)
    await sync()
    const idle = (await sync()).used

    const afterChange = async (edit: () => Promise<void>): Promise<Change> => {
      await edit()
      const { used } = await sync()
      const beyond = (vendor: VendorName): Counts => ({
        reads: used[vendor].reads - idle[vendor].reads,
        writes: used[vendor].writes - idle[vendor].writes,
      })
      const calls = (route: RegExp) =>
        Object.entries(used.hubspot.routes)
          .filter(([name]) => route.test(name))
          .reduce((sum, [name, count]) => sum + count - (idle.hubspot.routes[name] ?? 0), 0)
      const attio = beyond('attio')
      return {
        records: options.changed,
        attio: { ...attio, writesPerRecord: attio.writes / options.changed },
        hubspot: beyond('hubspot'),
        hubspotBatchReads: calls(/objects.*batch\/read/),
        hubspotBatchWrites: calls(/objects.*batch\/(update|upsert|create)/),
      }
    }
    const result: Requests = {
      firstLoad: {
        people: options.people,
        created,
        hubspot: countsOf(first.used.hubspot),
        attio: countsOf(first.used.attio),
        hubspotRequestsPerCreatedRecord: (first.used.hubspot.reads + first.used.hubspot.writes) / created,
      },
      changedInAttio: await afterChange(() => changeJobs(sandbox, 'attio', options.changed)),
      changedInHubSpot: await afterChange(() => changeJobs(sandbox, 'hubspot', options.changed)),
      createdInHubSpot: await afterChange(() => enterContacts(sandbox, options.changed)),
    }
    await workspace.remove()
    await rm(folder, { recursive: true })
    return result
  })
}

/** The shipped mapping of people, without the company they work for. */
async function peopleAlone(folder: string): Promise<string> {
  const shipped = await readFile(join(REPOSITORY, 'mappings/people.yaml'), 'utf8')
  const lines = shipped.split('\n').filter((line) => !line.includes('association:'))
  const file = join(folder, 'people.yaml')
  await writeFile(file, lines.join('\n'))
  return file
}

function countsOf({ reads, writes }: Counts): Counts {
  return { reads, writes }
}

async function changeJobs(sandbox: RunningSandbox, vendor: Workplace, count: number): Promise<void> {
  const [object, field] = vendor === 'attio' ? ['people', 'job_title'] : ['contacts', 'jobtitle']
  for (const id of (await idsOf(sandbox, vendor, object)).slice(0, count)) {
    await sandbox.edit(vendor, { action: 'update', object, id, values: { [field]: `Measured in ${vendor}` } })
  }
}

async function enterContacts(sandbox: RunningSandbox, count: number): Promise<void> {
  for (let place = 1; place <= count; place += 1) {
    const values = { firstname: 'Measured', lastname: `No. ${place}`, email: `no-${place}@measured.example` }
    await sandbox.edit('hubspot', { action: 'create', object: 'contacts', values })
  }
}
