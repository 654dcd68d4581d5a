/** The connector against an Attio that answers from a script, on a clock that stands still. */
import { createAttioConnector } from '../../../src/connectors/attio/connector.ts'
import type { Connector } from '../../../src/connectors/connector.ts'
import type { HttpResponse, Transport } from '../../../src/connectors/transport.ts'
import type { Runtime } from '../../../src/runtime.ts'
import { AT, attributePages, scriptedAttio, wireAttribute, wireRecord, wireValue } from './answers.ts'

export const TOKEN = 'attio-secret-token'

export const slept: number[] = []

const runtime: Runtime = {
  now: () => Date.parse(AT),
  sleep: async (ms) => {
    slept.push(ms)
  },
  random: () => 0,
  id: () => 'id',
}

export function connectorOver(transport: Transport, ownActorId: string | null = null): Connector {
  return createAttioConnector({
    connection: 'attio',
    baseUrl: 'https://attio.invalid/',
    token: TOKEN,
    transport,
    runtime,
    ownActorId,
  })
}

export const PEOPLE = [
  wireAttribute('name', 'personal-name'),
  wireAttribute('email_addresses', 'email-address', { is_unique: true, is_multiselect: true }),
  wireAttribute('job_title', 'text'),
  wireAttribute('hubspot_id', 'text'),
]

const DEALS = [wireAttribute('name', 'text'), wireAttribute('hubspot_id', 'text', { is_unique: true })]

export function scripted(routes: Readonly<Record<string, HttpResponse | readonly HttpResponse[]>>) {
  const attio = scriptedAttio({
    ...attributePages('people', PEOPLE),
    ...attributePages('deals', DEALS),
    ...routes,
  })
  return { ...attio, connector: connectorOver(attio.transport) }
}

export const records = '/v2/objects/people/records'

export const ada = wireRecord('ada', {
  name: wireValue({ first_name: 'Ada', last_name: 'Lovelace', full_name: 'Ada Lovelace' }),
  email_addresses: [wireValue({ email_address: 'ada@x.org' })],
  job_title: [],
  hubspot_id: [],
})
