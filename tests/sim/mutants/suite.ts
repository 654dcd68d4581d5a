/** Mutants that a test of another suite has to catch: vitest runs it with the mutant's text (`suite.config.ts`). */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Mutant } from './mutant.ts'
import type { Pool } from './pool.ts'
import type { Trial } from './trial.ts'

const VITEST = fileURLToPath(new URL('../../../node_modules/vitest/vitest.mjs', import.meta.url))
const CONFIG = fileURLToPath(new URL('suite.config.ts', import.meta.url))

const PATIENCE_MS = 300_000

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly fullName: string
      readonly status: string
      readonly failureMessages: readonly string[]
    }[]
  }[]
}

/** The test has to fail; that it passes on production is what CI says. */
export async function suiteTrial(
  pool: Pool,
  mutant: Mutant,
  { suite, test }: { readonly suite: string; readonly test: string },
): Promise<Trial> {
  const startedMs = performance.now()
  const folder = mkdtempSync(join(tmpdir(), 'attune-mutant-'))
  const file = join(folder, 'report.json')
  await pool.command({
    mutant: mutant.name,
    args: [
      VITEST,
      'run',
      '--config',
      CONFIG,
      suite,
      '-t',
      escaped(test),
      '--reporter',
      'json',
      '--outputFile',
      file,
    ],
    patienceMs: PATIENCE_MS,
  })
  const report = JSON.parse(readFileSync(file, 'utf8')) as Report
  rmSync(folder, { recursive: true })
  const run = report.testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ fullName, status }) => fullName.includes(test) && status !== 'skipped' && status !== 'pending')
  if (run.length === 0) throw new Error(`${suite} has no test ${JSON.stringify(test)}`)
  const failed = run.filter(({ status }) => status === 'failed')
  const [invariant = ''] = mutant.breaks
  return {
    played: run.length,
    sights: failed.map(({ fullName, failureMessages }) => ({
      scene: suite,
      invariant,
      what: `${fullName}: ${failureMessages[0]?.split('\n')[0] ?? ''}`,
    })),
    ms: Math.round(performance.now() - startedMs),
  }
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
