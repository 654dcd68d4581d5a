/** Asks the independent comparer whether the CRMs agree, except for what openly waits for a person. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Environment } from '../config/connection.ts'
import type { Store } from '../store/store.ts'
import { count } from './style.ts'

export interface Verdict {
  /** Null where the comparer is not installed. */
  readonly agree: boolean | null
  readonly document: unknown
  readonly text: string
}

interface Options {
  readonly store: Store
  readonly mappings: readonly string[]
  readonly environment: Environment
  readonly signal: AbortSignal
}

/** Comes with the repository, not with the package: it belongs to the tests. */
const COMPARER = fileURLToPath(new URL('../../tests/comparer/main.ts', import.meta.url))
const WAITING_MAX = 1_000_000
const OUTPUT_MAX = 256 * 1024 * 1024

export async function judge(options: Options): Promise<Verdict> {
  if (!existsSync(COMPARER)) {
    return {
      agree: null,
      document: null,
      text: 'The comparer is not part of this installation, so nobody judges.',
    }
  }
  const folder = await mkdtemp(join(tmpdir(), 'attune-'))
  try {
    const exceptions = join(folder, 'exceptions.json')
    await writeFile(exceptions, JSON.stringify(await knownExceptions(options.store)))
    const judgement = await runComparer(['--json', '--exceptions', exceptions, ...options.mappings], options)
    return { agree: judgement.agree, document: judgement, text: verdictText(judgement) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface Judgement {
  readonly pairs: number
  readonly differences: readonly unknown[]
  readonly unpaired: { readonly left: readonly unknown[]; readonly right: readonly unknown[] }
  readonly duplicates: readonly unknown[]
  readonly excused: number
  readonly agree: boolean
}

async function runComparer(args: readonly string[], options: Options): Promise<Judgement> {
  const { environment, signal } = options
  const run = promisify(execFile)
  const settings = { env: { ...process.env, ...environment }, signal, maxBuffer: OUTPUT_MAX }
  try {
    return JSON.parse((await run(process.execPath, [COMPARER, ...args], settings)).stdout) as Judgement
  } catch (error) {
    // Exit code 1 with a document is its "no"; anything else is its failure.
    const { code, stdout } = error as { readonly code?: unknown; readonly stdout?: unknown }
    if (code !== 1 || typeof stdout !== 'string' || !stdout.startsWith('{')) throw error
    return JSON.parse(stdout) as Judgement
  }
}

/** By record and field, `*` for a whole record. */
async function knownExceptions(store: Store): Promise<readonly { record: string; field: string }[]> {
  const [conflicts, reviews, quarantined] = await Promise.all([
    store.conflicts({ state: 'open', limit: WAITING_MAX }),
    store.reviews(WAITING_MAX),
    store.quarantined(WAITING_MAX),
  ])
  return [
    ...conflicts.flatMap(({ records, field }) =>
      [records.left, records.right].flatMap((record) => (record === null ? [] : [{ record, field }])),
    ),
    ...reviews.flatMap(({ record, candidates }) =>
      [record, ...candidates].map(({ id }) => ({ record: id, field: '*' })),
    ),
    ...quarantined.map(({ record }) => ({ record: record.id, field: '*' })),
  ]
}

function verdictText(judgement: Judgement): string {
  const { pairs, differences, unpaired, duplicates, excused, agree } = judgement
  const waiting =
    excused > 0
      ? ` (apart from ${count(excused, 'finding')} that openly ${excused === 1 ? 'waits' : 'wait'} for a person)`
      : ''
  if (agree) return `It compared ${pairs} pairs field by field: the CRMs agree${waiting}.`
  const lonely = unpaired.left.length + unpaired.right.length
  return `It compared ${pairs} pairs: they DO NOT agree. ${differences.length} differences, ${lonely} records without a counterpart, ${duplicates.length} duplicates${waiting}.`
}
