/** Worlds with Salesforce, and of all three CRMs: a hundred of each, as `npm run sim` plays them in a process of its own. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { Report } from './series.ts'

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url))
const SEEDS = 100

function play(cast: string): Promise<Report> {
  const options = ['--cast', cast, '--seeds', String(SEEDS), '--shrink', '0', '--json']
  return new Promise((resolve, reject) => {
    // Exit code 1 when a promise was broken, which the report says better.
    execFile(process.execPath, [MAIN, ...options], { maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      if (stdout === '') reject(new Error(stderr, { cause: error }))
      else resolve(JSON.parse(stdout) as Report)
    })
  })
}

test.each(['attio-salesforce', 'hub'])(
  'no world of %s breaks a promise',
  { timeout: 600_000 },
  async (cast) => {
    const report = await play(cast)
    expect(report.failures).toEqual([])
    // Worlds in which nothing goes wrong would prove nothing.
    expect(report).toMatchObject({ seeds: SEEDS, violations: 0, repeated: 1 })
    expect(Math.min(report.edits, report.writes, report.crashes, report.timeouts)).toBeGreaterThan(0)
  },
)
