/** So many drawn worlds on every change; `npm run sim -- --seeds N` plays more. */
import { execFile } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { Report } from './series.ts'

const SEEDS = 2_000
const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url))

/**
 * Worlds that still break a promise, and which: each is a defect that is known and not repaired yet.
 * They have to break as they are known to, so that whoever repairs one takes it off this list.
 */
const KNOWN: ReadonlyMap<number, string> = new Map([
  // Somebody types what the other CRM holds, into the counterpart of a record that was deleted there two seconds before. A
  // replica still shows the deleted one, so both are taken to agree, and then the deletion is carried over.
  [1003, 'I4'],
])

/** A process each: a world is busy for as long as it lasts. */
const shares = Math.min(4, availableParallelism())
const each = Math.ceil(SEEDS / shares)

test.concurrent.each(Array.from({ length: shares }, (_, i) => 1 + i * each))(
  'worlds from seed %i on keep every promise, but for those that are known not to',
  { timeout: 1_800_000 },
  async (from) => {
    const report = await play(['--from', String(from), '--seeds', String(each), '--json'])
    const news = report.failures.filter(({ seed }) => !KNOWN.has(seed))
    const traces = report.traces.map(({ trace, replay }) => [...trace, replay].join('\n'))
    expect(news, traces.join('\n\n')).toEqual([])
    const broken = report.failures.map(({ seed, violations }) => [seed, violations[0]?.invariant])
    expect(broken).toEqual([...KNOWN].filter(([seed]) => seed >= from && seed < from + each))
    expect(report.seeds).toBe(each)
    expect(report.crashes).toBeGreaterThan(each / 2)
    expect(report.timeouts).toBeGreaterThan(0)
    expect(report.repeated).toBeGreaterThanOrEqual(Math.floor(each / 100))
  },
)

interface Told extends Report {
  readonly traces: readonly { readonly trace: readonly string[]; readonly replay: string }[]
}

/** Exit code 1 means broken promises, which the document tells of. */
function play(args: readonly string[]): Promise<Told> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [MAIN, ...args], { maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (stdout === '') reject(error ?? new Error(stderr))
      else resolve(JSON.parse(stdout) as Told)
    })
  })
}
