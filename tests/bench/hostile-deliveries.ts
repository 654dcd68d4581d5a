/** Deliveries that must change nothing, made from genuine ones: what a stranger, a recorder or a broken proxy sends. */
import { createHmac } from 'node:crypto'
import { gzipSync } from 'node:zlib'

export interface Sent {
  readonly path: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array<ArrayBuffer>
}

export interface Hostile {
  readonly kind: string
  readonly sent: Sent
  /** The answer that it has to get; where it is still being sent then, the sender may only see the line go dead. */
  readonly status: number
}

/** Instead of a status. */
export const HUNG_UP = 0

export interface Secrets {
  readonly publicUrl: string
  readonly attio: string
  readonly hubspot: string
}

/** What a delivery has to name to be about these accounts. */
export interface Accounts {
  readonly workspace: string
  /** The object `people`. */
  readonly people: string
  readonly portal: number
}

const TYPE = { 'content-type': 'application/json' }

/** A delivery of Attio as it signs them. */
function attioDelivery(secrets: Secrets, body: string, key: string): Sent {
  const signature = createHmac('sha256', secrets.attio).update(body).digest('hex')
  const headers = { ...TYPE, 'attio-signature': signature, 'idempotency-key': key }
  return { path: '/webhooks/attio', method: 'POST', headers, body }
}

/** A delivery of HubSpot as it signs them. */
function hubspotDelivery(secrets: Secrets, body: string, atMs: number): Sent {
  const path = '/webhooks/hubspot'
  const signature = createHmac('sha256', secrets.hubspot)
    .update(`POST${secrets.publicUrl}${path}${body}${atMs}`)
    .digest('base64')
  const headers = {
    ...TYPE,
    'x-hubspot-signature-v3': signature,
    'x-hubspot-request-timestamp': String(atMs),
  }
  return { path, method: 'POST', headers, body }
}

/** Records of ours, which no genuine delivery names: whatever is known of the first ones got through. */
export const FORGED = { uuid: 'f0000000-0000-4000-8000-', number: 700_000_000_000 }
export const DELIVERED = { uuid: 'd0000000-0000-4000-8000-', number: 800_000_000_000 }

/** Of each vendor, for variations. */
const ORIGINALS = 20

export function originalsFor(secrets: Secrets, accounts: Accounts, nowMs: number): Originals {
  const uuid = (start: string, n: number) => start + String(n).padStart(12, '0')
  const some = <T>(make: (n: number) => T) => Array.from({ length: ORIGINALS }, (_, n) => make(n))
  const attio = (n: number, { uuid: start }: typeof FORGED) => attioBody(accounts, uuid(start, n))
  const hubspot = (n: number, { number }: typeof FORGED) => hubspotBody(accounts, number + n)
  return {
    fresh: [
      ...some((n) => attioDelivery(secrets, attio(n, FORGED), `forged-${n}`)),
      ...some((n) => hubspotDelivery(secrets, hubspot(n, FORGED), nowMs)),
    ],
    delivered: [
      ...some((n) => attioDelivery(secrets, attio(n, DELIVERED), `delivered-${n}`)),
      ...some((n) => hubspotDelivery(secrets, hubspot(n, DELIVERED), nowMs)),
    ],
    old: some((n) => hubspotDelivery(secrets, hubspot(n, FORGED), nowMs - 300_001 - n)),
    garbled: [
      ...some((n) => attioDelivery(secrets, attio(n, FORGED).slice(0, -3), `garbled-${n}`)),
      ...some((n) => hubspotDelivery(secrets, `${hubspot(n, FORGED)}]`, nowMs)),
    ],
  }
}

function attioBody({ workspace, people }: Accounts, record: string): string {
  const event = {
    event_type: 'record.created',
    id: { workspace_id: workspace, object_id: people, record_id: record },
    actor: { type: 'workspace-member', id: workspace },
  }
  return JSON.stringify({ webhook_id: 'w', events: [event] })
}

function hubspotBody({ portal }: Accounts, objectId: number): string {
  const event = {
    eventId: 1,
    subscriptionId: 1,
    portalId: portal,
    occurredAt: 1_795_312_800_123,
    subscriptionType: 'contact.creation',
    attemptNumber: 0,
    objectId,
    changeSource: 'CRM_UI',
    sourceId: 'userId:1',
  }
  return JSON.stringify([event])
}

type Vary = (genuine: Sent, n: number) => Sent

const FORGERIES: Readonly<Record<string, Vary>> = {
  'no signature': (genuine) => ({ ...genuine, headers: TYPE }),
  'another secret': (genuine) => {
    const headers = Object.entries(genuine.headers).map(([name, value]) => {
      const isSignature = name.includes('signature')
      return [name, isSignature ? createHmac('sha256', 'guess').update(value).digest('hex') : value]
    })
    return { ...genuine, headers: Object.fromEntries(headers) as Sent['headers'] }
  },
  'another body': (genuine, n) => ({ ...genuine, body: String(genuine.body).replace(/"/, `"${n}`) }),
  'a cut body': (genuine, n) => ({ ...genuine, body: String(genuine.body).slice(0, 10 + (n % 40)) }),
  'the other vendor': (genuine) => ({
    ...genuine,
    path: genuine.path.endsWith('attio') ? '/webhooks/hubspot' : '/webhooks/attio',
  }),
}

/** One for all: making it anew would cost the sender more than the receiver. */
const OVERSIZED = new Uint8Array(4 * 1024 * 1024 + 1).fill(0x20)

const MALFORMATIONS: Readonly<Record<string, readonly [vary: Vary, status: number]>> = {
  compressed: [
    (genuine) => ({
      ...genuine,
      headers: { ...genuine.headers, 'content-encoding': 'gzip' },
      body: Uint8Array.from(gzipSync(genuine.body)),
    }),
    415,
  ],
  'another charset': [
    (genuine) => ({
      ...genuine,
      headers: { ...genuine.headers, 'content-type': 'application/json; charset=utf-16' },
    }),
    415,
  ],
  'a form': [
    (genuine) => ({
      ...genuine,
      headers: { ...genuine.headers, 'content-type': 'application/x-www-form-urlencoded' },
    }),
    415,
  ],
  oversized: [(genuine) => ({ ...genuine, body: OVERSIZED }), 413],
  'an unknown connection': [(genuine, n) => ({ ...genuine, path: `/webhooks/guess${n}` }), 404],
  'a GET': [(genuine) => ({ ...genuine, method: 'GET', body: '' }), 405],
}

export interface Originals {
  /** About records that no genuine delivery names. */
  readonly fresh: readonly Sent[]
  /** Delivered and taken before. */
  readonly delivered: readonly Sent[]
  /** Signed before the vendor's window, and never delivered. */
  readonly old: readonly Sent[]
  /** Signed, and not JSON. */
  readonly garbled: readonly Sent[]
}

/** So many, each kind as often as the others. */
export function hostileDeliveries(originals: Originals, count: number): readonly Hostile[] {
  const kinds: readonly ((n: number) => Hostile)[] = [
    ...Object.entries(FORGERIES).map(([kind, vary]) => (n: number) => {
      return { kind: `forged: ${kind}`, sent: vary(nth(originals.fresh, n), n), status: 401 }
    }),
    ...Object.entries(MALFORMATIONS).map(([kind, [vary, status]]) => (n: number) => {
      return { kind: `malformed: ${kind}`, sent: vary(nth(originals.fresh, n), n), status }
    }),
    (n) => ({ kind: 'malformed: no JSON', sent: nth(originals.garbled, n), status: 400 }),
    (n) => ({ kind: 'replayed: stale', sent: nth(originals.old, n), status: 401 }),
    // A repetition is what vendors do too, so it is answered kindly; it must only change nothing.
    (n) => ({ kind: 'replayed: again', sent: nth(originals.delivered, n), status: 204 }),
  ]
  return Array.from({ length: count }, (_, n) => {
    const make = kinds[n % kinds.length]
    if (!make) throw new Error('there are no kinds')
    return make(Math.floor(n / kinds.length))
  })
}

function nth<T>(items: readonly T[], n: number): T {
  const item = items[n % items.length]
  if (item === undefined) throw new Error('there is nothing to vary')
  return item
}
