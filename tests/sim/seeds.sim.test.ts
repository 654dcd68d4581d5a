/** So many drawn worlds on every change; `npm run sim -- --seeds N` plays more. */
import { execFile } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { Report } from './series.ts'

const SEEDS = 2_000
const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url))

/** A process each: a world is busy for as long as it lasts. */
const shares = Math.min(4, availableParallelism())
const each = Math.ceil(SEEDS / shares)

test.concurrent.each(Array.from({ length: shares }, (_, i) => 1 + i * each))(
  'worlds from seed %i on keep every promise',
  { timeout: 1_800_000 },
  async (from) => {
    const report = await play(['--from', String(from), '--seeds', String(each), '--json'])
    const traces = report.traces.map(({ trace, replay }) => [...trace, replay].join('\n'))
    expect(report.failures, traces.join('\n\n')).toEqual([])
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
