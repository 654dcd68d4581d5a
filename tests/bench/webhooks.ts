/**
 * `npm run bench:webhooks`: how the listener of a working daemon stands up to strangers. `attune start` runs as a
 * process of its own on a sandbox in another one; people edit there, webhooks and writes go to and fro, and beside them
 * come a thousand forged, replayed and malformed deliveries. None may change anything, and answers have to be quick.
 *
 *   npm run bench:webhooks                as a table
 *   npm run -s bench:webhooks -- --json   one JSON document on stdout
 *   … -- --count 5000 --edits 50          more of them, more edits a second
 *
 * Exit code 1 when anything was accepted or answered otherwise than it has to be, or when the goal is missed.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import Sqlite from 'better-sqlite3'
import { parseDocument } from 'yaml'
import { REPOSITORY, start } from '../system/rig/child.ts'
import { freePort } from '../system/rig/free-port.ts'
import { startSandbox, type RunningSandbox } from '../system/rig/sandbox.ts'
import {
  DELIVERED,
  FORGED,
  hostileDeliveries,
  HUNG_UP,
  originalsFor,
  type Accounts,
  type Hostile,
  type Secrets,
  type Sent,
} from './hostile-deliveries.ts'

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    count: { type: 'string', default: '1000' },
    edits: { type: 'string', default: '20' },
    people: { type: 'string', default: '100' },
  },
})

/** Strangers knocking at once. */
const AT_ONCE = 8
const P99_GOAL_MS = 100
const TOO_LARGE = 413

interface Answered {
  readonly hostile: Hostile
  readonly status: number
  readonly ms: number
}

const folder = await mkdtemp(join(tmpdir(), 'attune-bench-'))
const database = join(folder, 'attune.db')
const sandbox = await startSandbox({ people: Number(values.people), seed: 7 })
try {
  const secretsFile = join(folder, 'secrets.env')
  const { config, url } = await configured()
  const own = { ...sandbox.environment }
  const attune = (command: readonly string[], environment = own) =>
    start({ arguments: [...command, '--config', config], environment })
  await done(attune(['setup', '--yes']).exit)
  await done(attune(['webhooks', 'install', '--secrets-file', secretsFile]).exit)
  const attioSecret = /^ATTIO_WEBHOOK_SECRET=(.*)$/m.exec(await readFile(secretsFile, 'utf8'))?.[1] ?? ''
  await done(attune(['sync', '--db', database]).exit)

  const daemon = attune(['start', '--db', database, '--json'], { ...own, ATTIO_WEBHOOK_SECRET: attioSecret })
  const secrets: Secrets = {
    publicUrl: url,
    attio: attioSecret,
    hubspot: own['HUBSPOT_CLIENT_SECRET'] ?? '',
  }
  // It listens when it has told of its first pass.
  const report = await daemon.firstLine.then(() => bench(secrets)).finally(() => daemon.kill('SIGTERM'))
  const { code } = await daemon.exit
  if (code !== 0) throw new Error(`the daemon ended with ${code}`)
  process.stdout.write(values.json ? `${JSON.stringify(report, null, 2)}\n` : reportText(report))
  const isFine = report.accepted === 0 && report.wrongAnswers.length === 0 && report.p99Ms < P99_GOAL_MS
  process.exitCode = isFine ? 0 : 1
} finally {
  await sandbox.stop()
  await rm(folder, { recursive: true, force: true })
}

async function bench(secrets: Secrets) {
  const made = originalsFor(secrets, await accounts(), Date.now())
  for (const sent of made.delivered) {
    const { status } = await send(secrets.publicUrl, sent)
    if (status !== 204) throw new Error(`a genuine delivery was answered ${status}`)
  }
  const hostile = hostileDeliveries(made, Number(values.count))
  const stopping = new AbortController()
  const startedMs = performance.now()
  const knocking = inParallel(hostile, AT_ONCE, async (each): Promise<Answered> => {
    const answer = await send(secrets.publicUrl, each.sent)
    return { hostile: each, ...answer }
  }).finally(() => stopping.abort())
  const [answers, edits] = await Promise.all([knocking, people(stopping.signal)])
  const seconds = (performance.now() - startedMs) / 1_000

  const accepted = acceptedRows(made.delivered.length)
  const times = answers.map(({ ms }) => ms).toSorted((a, b) => a - b)
  const at = (share: number) =>
    round(times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0)
  const of = (word: string) => answers.filter(({ hostile: { kind } }) => kind.startsWith(word)).length
  const wrong = answers.filter(
    ({ hostile: { status }, status: given }) =>
      status !== given && !(status === TOO_LARGE && given === HUNG_UP),
  )
  return {
    forged: of('forged'),
    replayed: of('replayed'),
    malformed: of('malformed'),
    accepted,
    wrongAnswers: [...new Set(wrong.map(({ hostile: { kind }, status }) => `${kind}: ${status}`))],
    answers: countsOf(answers.map(({ status }) => status)),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    maxMs: at(1),
    p99GoalMs: P99_GOAL_MS,
    seconds: round(seconds),
    atOnce: AT_ONCE,
    editsMeanwhile: edits,
    cores: availableParallelism(),
    loadAverage: round(loadavg()[0] ?? 0),
  }
}

function countsOf(statuses: readonly number[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

type Report = Awaited<ReturnType<typeof bench>>

/** Entries of the change log that no genuine delivery can have made. */
function acceptedRows(delivered: number): number {
  const file = new Sqlite(database, { readonly: true })
  const rows = (start: string): number =>
    file.prepare('select count(*) from change_log where record like ?').pluck().get(`${start}%`) as number
  const about = ({ uuid, number }: typeof FORGED) => rows(uuid) + rows(String(number).slice(0, 9))
  const accepted = about(FORGED) + Math.abs(about(DELIVERED) - delivered)
  file.close()
  return accepted
}

/** People edit on both sides until they are told to stop. Returns how many edits that were. */
async function people(signal: AbortSignal): Promise<number> {
  const [attio, hubspot] = [await idsOf('attio', 'people'), await idsOf('hubspot', 'contacts')]
  const gapMs = 1_000 / Number(values.edits)
  let edits = 0
  while (!signal.aborted) {
    const title = `Title ${(edits += 1)}`
    if (edits % 2 === 0) await edit('attio', 'people', attio[edits % attio.length], { job_title: title })
    else await edit('hubspot', 'contacts', hubspot[edits % hubspot.length], { jobtitle: title })
    await delay(gapMs)
  }
  return edits
}

async function edit(vendor: 'attio' | 'hubspot', object: string, id: string | undefined, values_: object) {
  if (id === undefined) return
  await sandbox.edit(vendor, { action: 'update', object, id, values: { ...values_ } })
}

async function idsOf(vendor: 'attio' | 'hubspot', object: string): Promise<readonly string[]> {
  const records = (await sandbox.dump(vendor))[object] ?? {}
  return Object.entries(records).flatMap(([id, { state }]) => (state === 'live' ? [id] : []))
}

async function accounts(): Promise<Accounts> {
  const get = async ({ url, token }: RunningSandbox['endpoints']['attio'], path: string) => {
    const answer = await fetch(url + path, { headers: { authorization: `Bearer ${token}` } })
    return (await answer.json()) as Record<string, unknown>
  }
  const { attio, hubspot } = sandbox.endpoints
  const object = (await get(attio, '/v2/objects/people')) as {
    data: { id: { workspace_id: string; object_id: string } }
  }
  const details = (await get(hubspot, '/account-info/v3/details')) as { portalId: number }
  const { workspace_id: workspace, object_id } = object.data.id
  return { workspace, people: object_id, portal: details.portalId }
}

async function send(
  url: string,
  { path, method, headers, body }: Sent,
): Promise<{ status: number; ms: number }> {
  const startedMs = performance.now()
  const status = await fetch(url + path, { method, headers, body: method === 'GET' ? null : body }).then(
    async (answer) => {
      await answer.arrayBuffer()
      return answer.status
    },
    () => HUNG_UP,
  )
  return { status, ms: performance.now() - startedMs }
}

async function inParallel<T, R>(
  items: readonly T[],
  workers: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) results.push(await work(item))
  }
  await Promise.all(Array.from({ length: workers }, worker))
  return results
}

/** The shipped settings, listening on a free port. */
async function configured(): Promise<{ config: string; url: string }> {
  const url = `http://127.0.0.1:${await freePort()}`
  const settings = parseDocument(await readFile(join(REPOSITORY, 'config/attune.yaml'), 'utf8'))
  const mappings = ['companies', 'people', 'deals'].map((name) =>
    join(REPOSITORY, 'mappings', `${name}.yaml`),
  )
  settings.setIn(['pairings', 'attio-hubspot', 'mappings'], mappings)
  // People here edit faster than any: an import, to the guards.
  settings.setIn(['guards'], { 'field-share': 1 })
  settings.setIn(['web'], { bind: new URL(url).host, 'public-url': url })
  const config = join(folder, 'attune.yaml')
  await writeFile(config, settings.toString())
  return { config, url }
}

async function done(exit: ReturnType<typeof start>['exit']): Promise<void> {
  const { code, stderr } = await exit
  if (code !== 0) throw new Error(`it ended with ${code}:\n${stderr}`)
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

function reportText(report: Report): string {
  const answers = Object.entries(report.answers).map(([status, count]) => `${count} × ${status}`)
  return [
    `${report.forged} forged, ${report.replayed} replayed and ${report.malformed} malformed deliveries,`,
    `${report.atOnce} at once over ${report.seconds} s, beside ${report.editsMeanwhile} edits in the CRMs, on ${report.cores} cores (load average ${report.loadAverage})`,
    '',
    `  accepted  ${report.accepted}`,
    `  answers   ${answers.join(', ')}`,
    ...(report.wrongAnswers.length > 0 ? [`  WRONG     ${report.wrongAnswers.join(', ')}`] : []),
    `  in ms     p50 ${report.p50Ms}, p99 ${report.p99Ms} (goal: under ${report.p99GoalMs}), max ${report.maxMs}`,
    '',
  ].join('\n')
}
