/** Three days of what `npm run soak` plays for thirty. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { sealFetch } from '../../src/connectors/transport.ts'
import { soak } from './run.ts'

sealFetch()

const folder = mkdtempSync(join(tmpdir(), 'attune-soak-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('after three days nothing of our own was taken for an edit, and both CRMs agree', async () => {
  const report = await soak({ seed: 1, days: 3, file: join(folder, 'attune.db') })
  expect(report.findings).toEqual([])
  expect(report.ownWritesTakenForEdits).toBe(0)
  expect(report.unexplainedDifferences).toBe(0)
  expect(report.drift).toMatchObject({ unexplained: 0, coverage: 1 })
  // Days in which nothing happens would prove nothing.
  expect(report.edits).toBeGreaterThan(150)
  expect(report.ownWrites).toBeGreaterThan(150)
  expect(report.deaths).toBeGreaterThan(2)
  expect(report.webhooks.lost).toBeGreaterThan(10)
  expect(Object.values(report.hoursAway).every((hours) => hours > 0)).toBe(true)
})
