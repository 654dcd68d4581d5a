/**
 * Against real accounts, when asked for: `ATTUNE_LIVE=1 ATTIO_TOKEN=… HUBSPOT_TOKEN=… npm run test:live`. First it
 * reads what answers the open questions of the fact sheets; then it makes one record per CRM, called "Attune live test
 * <uuid>", changes it and removes it again. No other record is touched. `ATTIO_BASE_URL` and `HUBSPOT_BASE_URL` lead it
 * elsewhere, for instance to a local sandbox. Without `ATTUNE_LIVE=1` and a token it says so and passes.
 */
import { randomUUID } from 'node:crypto'
import { afterAll, describe, expect, it } from 'vitest'
import { readAttio, writeAttio } from './attio-probes.ts'
import { Findings } from './findings.ts'
import { readHubSpot, writeHubSpot } from './hubspot-probes.ts'
import { rest, type Rest } from './rest.ts'

const environment = process.env
const findings = new Findings()
const name = `Attune live test ${randomUUID()}`

/** Both fact sheets list as many: Attio's in section 21, HubSpot's in section 25. */
const QUESTIONS = 15

interface Account {
  readonly vendor: string
  readonly variables: { readonly token: string; readonly baseUrl: string }
  readonly defaultUrl: string
  readonly read: (ask: Rest, findings: Findings) => Promise<void>
  readonly write: (ask: Rest, findings: Findings, name: string) => Promise<void>
}

const ACCOUNTS: readonly Account[] = [
  {
    vendor: 'Attio',
    variables: { token: 'ATTIO_TOKEN', baseUrl: 'ATTIO_BASE_URL' },
    defaultUrl: 'https://api.attio.com',
    read: readAttio,
    write: writeAttio,
  },
  {
    vendor: 'HubSpot',
    variables: { token: 'HUBSPOT_TOKEN', baseUrl: 'HUBSPOT_BASE_URL' },
    defaultUrl: 'https://api.hubapi.com',
    read: readHubSpot,
    write: writeHubSpot,
  },
]

describe.each(ACCOUNTS)('$vendor', ({ vendor, variables, defaultUrl, read, write }) => {
  const token = environment[variables.token] ?? ''
  const why = whyNot(variables.token, token)
  if (why !== null) {
    it(`was skipped: ${why}`, () => {
      process.stdout.write(`${vendor}: skipped, ${why}\n`)
    })
    return
  }
  const ask = rest({ baseUrl: environment[variables.baseUrl] || defaultUrl, token })

  it('answers what reading can answer', async () => {
    const before = findings.all.length
    await read(ask, findings)
    expect(findings.all.length).toBeGreaterThan(before)
  })

  it('answers what a record of our own can answer, and leaves nothing behind', async () => {
    const before = findings.all.length
    await write(ask, findings, name)
    expect(findings.all.length).toBeGreaterThan(before)
    expect(findings.all.filter(({ seen }) => seen === '')).toEqual([])
  })

  it('says of every open question of the fact sheet what became of it', () => {
    const numbers = Array.from({ length: QUESTIONS }, (_, place) => place + 1)
    expect(numbers.filter((number) => !findings.numbers(vendor).has(number))).toEqual([])
  })
})

afterAll(() => {
  if (findings.all.length > 0)
    process.stdout.write(`\nOpen questions, and what was seen\n${findings.text()}\n\n`)
})

function whyNot(variable: string, token: string): string | null {
  if (environment['ATTUNE_LIVE'] !== '1') return 'ATTUNE_LIVE=1 is not set'
  return token === '' ? `${variable} is not set` : null
}
