/**
 * node tests/comparer/main.ts [--json] [--exceptions FILE] MAPPING…
 *
 * Judges whether the accounts named by ATTIO_TOKEN, ATTIO_BASE_URL, HUBSPOT_TOKEN, HUBSPOT_BASE_URL,
 * SALESFORCE_ACCESS_TOKEN and SALESFORCE_INSTANCE_URL agree under the given mapping files: Attio with whichever of the
 * others a file's pairing names. The exceptions file is a JSON list of { record, field }. Exit code 0 when they agree,
 * 1 when they do not.
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Both } from '../../src/core/record.ts'
import { loadMapping } from '../../src/mapping/load.ts'
import { api } from './api.ts'
import { readAttio } from './attio.ts'
import { compare, type Judgement, type KnownException } from './compare.ts'
import { readHubSpot } from './hubspot.ts'
import type { Replica } from './replica.ts'
import { readSalesforce } from './salesforce.ts'

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false }, exceptions: { type: 'string' } },
  allowPositionals: true,
})
const files =
  positionals.length > 0
    ? positionals
    : ['companies', 'people', 'deals'].map((name) => `mappings/${name}.yaml`)

/** By the name of their pairing. */
const RIGHT_SIDES: Readonly<
  Record<string, { readonly read: () => Promise<Replica>; readonly stamps: Both<string> }>
> = {
  'attio-hubspot': {
    read: () =>
      readHubSpot(api(process.env['HUBSPOT_BASE_URL'] ?? 'https://api.hubapi.com', token('HUBSPOT_TOKEN'))),
    stamps: { left: 'hubspot_id', right: 'attio_record_id' },
  },
  'attio-salesforce': {
    read: () => readSalesforce(api(token('SALESFORCE_INSTANCE_URL'), token('SALESFORCE_ACCESS_TOKEN'))),
    stamps: { left: 'salesforce_id', right: 'Attio_Record_Id__c' },
  },
}

const documents = files.map((file) => loadMapping(readFileSync(file, 'utf8'), file))
const exceptions = values.exceptions === undefined ? [] : readExceptions(values.exceptions)
const left = await readAttio(
  api(process.env['ATTIO_BASE_URL'] ?? 'https://api.attio.com', token('ATTIO_TOKEN')),
)
const judgements: Judgement[] = []
for (const [pairing, own] of Map.groupBy(documents, ({ body }) => body.pairing)) {
  const side = RIGHT_SIDES[pairing]
  if (!side) throw new Error(`nobody knows the right side of ${pairing}`)
  const replicas = { left, right: await side.read() }
  judgements.push(await compare({ replicas, documents: own, exceptions, stamps: side.stamps }))
}
const judgement = summed(judgements)
process.stdout.write(values.json ? `${JSON.stringify(judgement)}\n` : text(judgement))
process.exitCode = judgement.agree ? 0 : 1

function summed(all: readonly Judgement[]): Judgement {
  return {
    pairs: all.reduce((sum, { pairs }) => sum + pairs, 0),
    differences: all.flatMap(({ differences }) => differences),
    unpaired: {
      left: all.flatMap(({ unpaired }) => unpaired.left),
      right: all.flatMap(({ unpaired }) => unpaired.right),
    },
    duplicates: all.flatMap(({ duplicates }) => duplicates),
    excused: all.reduce((sum, { excused }) => sum + excused, 0),
    agree: all.every(({ agree }) => agree),
  }
}

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
