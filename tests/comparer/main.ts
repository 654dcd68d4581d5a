/**
 * node tests/comparer/main.ts [--json] [--exceptions FILE] MAPPING…
 *
 * Judges whether the two accounts named by ATTIO_TOKEN, ATTIO_BASE_URL, HUBSPOT_TOKEN and HUBSPOT_BASE_URL agree
 * under the given mapping files. The exceptions file is a JSON list of { record, field }. Exit code 0 when they
 * agree, 1 when they do not.
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { loadMapping } from '../../src/mapping/load.ts'
import { api } from './api.ts'
import { readAttio } from './attio.ts'
import { compare, type Judgement, type KnownException } from './compare.ts'
import { readHubSpot } from './hubspot.ts'

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false }, exceptions: { type: 'string' } },
  allowPositionals: true,
})
const files =
  positionals.length > 0
    ? positionals
    : ['companies', 'people', 'deals'].map((name) => `mappings/${name}.yaml`)
const judgement = await compare({
  replicas: {
    left: await readAttio(
      api(process.env['ATTIO_BASE_URL'] ?? 'https://api.attio.com', token('ATTIO_TOKEN')),
    ),
    right: await readHubSpot(
      api(process.env['HUBSPOT_BASE_URL'] ?? 'https://api.hubapi.com', token('HUBSPOT_TOKEN')),
    ),
  },
  documents: files.map((file) => loadMapping(readFileSync(file, 'utf8'), file)),
  exceptions: values.exceptions === undefined ? [] : readExceptions(values.exceptions),
})
process.stdout.write(values.json ? `${JSON.stringify(judgement)}\n` : text(judgement))
process.exitCode = judgement.agree ? 0 : 1

function token(name: string): string {
  const value = process.env[name]
  if (value === undefined || value === '') throw new Error(`the environment variable ${name} is not set`)
  return value
}

function readExceptions(file: string): readonly KnownException[] {
  return JSON.parse(readFileSync(file, 'utf8')) as readonly KnownException[]
}

function text({ pairs, differences, unpaired, duplicates, excused, agree }: Judgement): string {
  const lines = [
    ...differences.map(
      ({ mapping, field, leftRecord, rightRecord, left, right }) =>
        `${mapping} ${leftRecord} / ${rightRecord}: ${field} is ${JSON.stringify(left)} / ${JSON.stringify(right)}`,
    ),
    ...[...unpaired.left, ...unpaired.right].map(
      ({ mapping, record }) => `${mapping} ${record}: no counterpart`,
    ),
    ...duplicates.map(({ mapping, records, because }) => `${mapping} ${records.join(', ')}: ${because}`),
    `${pairs} pairs compared, ${excused} known exceptions: ${agree ? 'the accounts agree' : 'the accounts DO NOT agree'}`,
  ]
  return `${lines.join('\n')}\n`
}
