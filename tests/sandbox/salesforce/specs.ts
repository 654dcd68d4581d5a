/**
 * Reference data about the vendor, outside this repository: describe results and requests as recorded. Where it is
 * absent the tests that need it are skipped, and say so.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Body } from './test-org.ts'

const folder = join(import.meta.dirname, '../../../../shared/specs/salesforce')

export const isPresent = existsSync(folder)
if (!isPresent) process.stderr.write(`Skipped: no Salesforce reference data at ${folder}\n`)

export function readSpec(name: string): Body {
  return JSON.parse(readFileSync(join(folder, name), 'utf8'))
}
