/**
 * Worlds with Salesforce, and of all three CRMs: a hundred of each, as `npm run sim` plays them in a process of its own;
 * and twenty of all three in which the pairings take turns in the other order.
 */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { Report } from './series.ts'

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url))

function play(cast: string, from: number, seeds: number): Promise<Report> {
  const options = `--cast ${cast} --from ${from} --seeds ${seeds} --shrink 0 --json`.split(' ')
  return new Promise((resolve, reject) => {
    // Exit code 1 when a promise was broken, which the report says better.
    execFile(process.execPath, [MAIN, ...options], { maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      if (stdout === '') reject(new Error(stderr, { cause: error }))
      else resolve(JSON.parse(stdout) as Report)
    })
  })
}

test.each([
  ['attio-salesforce', 1, 100],
  ['hub', 1, 100],
  ['hub-reversed', 81, 20],
])('no world of %s breaks a promise', { timeout: 600_000 }, async (cast, from, seeds) => {
  const report = await play(cast, from, seeds)
  expect(report.failures).toEqual([])
  // Worlds in which nothing goes wrong would prove nothing.
  expect(report).toMatchObject({ seeds, violations: 0, repeated: 1 })
  expect(Math.min(report.edits, report.writes, report.crashes, report.timeouts)).toBeGreaterThan(0)
})
