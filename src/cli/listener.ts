/**
 * The webhook listener of `attune start`. With a public URL it takes what `attune webhooks install` had registered. On
 * the sandbox, which reaches this machine without one, it registers by itself, and takes that back when it ends.
 */
import { SIDES } from '../core/record.ts'
import type { Settings } from '../config/settings.ts'
import type { Engine } from '../stages/engine.ts'
import { observe } from '../stages/observe.ts'
import type { OpenedPairing } from '../stages/pairing.ts'
import { openWebServer, type WebServer } from '../web/server.ts'
import { openWebhooks, type Webhooks } from '../web/webhooks.ts'
import { isLocal, type Session } from './session.ts'
import { webhookTargets, type WebhookTarget } from './webhook-targets.ts'

export interface Listener {
  /** Connections whose webhooks are taken. */
  readonly connections: readonly string[]
  readonly counts: Webhooks['counts']
  /** Safe to call twice. */
  close(): Promise<void>
}

export interface ListenerOptions {
  readonly session: Session
  readonly pairings: readonly OpenedPairing[]
  /** The loops that are to be woken. */
  readonly engines: readonly Engine[]
  readonly warn: (text: string) => void
}

/** DESIGN section 3. */
const DEFAULT_BIND = { host: '127.0.0.1', port: 8420 }

/** A stop must not wait for the vendors' limits; what is left then is taken over by the next start. */
const TAKE_BACK_MS = 2_000

/** Two sandboxes on one machine must not meet. */
const LOCAL_BIND = { host: '127.0.0.1', port: 0 }

/** Null: the vendors cannot reach us, or none of them has a secret to be verified by. */
export async function openListener(options: ListenerOptions): Promise<Listener | null> {
  const { settings } = options.session
  const publicUrl = settings.web?.publicUrl ?? null
  if (publicUrl !== null) return listenForVendors(options, publicUrl)
  return isLocal(settings) ? listenForSandbox(options) : null
}

async function listenForVendors(options: ListenerOptions, publicUrl: string): Promise<Listener | null> {
  const { session, pairings, warn } = options
  const known = webhookTargets(session, pairings, publicUrl).filter(({ connection }) => {
    const { name, webhooks } = connection.settings
    if (webhooks?.secret === '') {
      warn(
        `the webhooks of ${name} are not listened to: ${webhooks.secretVariable} is not set (attune webhooks install)`,
      )
    }
    return Boolean(webhooks?.secret)
  })
  if (known.length === 0) return null
  const webhooks = webhooksOf(session, () => publicUrl)
  for (const target of known) {
    await openDoor(options, webhooks, target, target.connection.settings.webhooks?.secret ?? '')
  }
  const server = await serve(session, settings(session).bind ?? DEFAULT_BIND, webhooks)
  const close = async (): Promise<void> => {
    await server.close()
    tellCounts(session, webhooks)
  }
  return { connections: known.map(nameOf), counts: webhooks.counts, close: once(close) }
}

async function listenForSandbox(options: ListenerOptions): Promise<Listener> {
  const { session, pairings } = options
  let url = ''
  const webhooks = webhooksOf(session, () => url)
  const server = await serve(session, settings(session).bind ?? LOCAL_BIND, webhooks)
  url = server.url
  const registered: WebhookTarget[] = []
  const close = once(async (): Promise<void> => {
    await server.close()
    tellCounts(session, webhooks)
    const gone = Promise.all(registered.map((target) => takeBack(session, target)))
    await Promise.race([gone, session.runtime.sleep(TAKE_BACK_MS)])
  })
  try {
    for (const target of webhookTargets(session, pairings, url)) {
      const { connector, settings: own } = target.connection
      if (!own.webhooks) continue
      const change = await connector.webhooks.install({
        ...target.request,
        secretIsKnown: false,
        // An earlier start that was killed left its own address behind.
        takeOver: true,
      })
      if (change.kind === 'by-hand') continue
      registered.push(target)
      await openDoor(options, webhooks, target, change.secret ?? own.webhooks.secret)
    }
  } catch (error) {
    await close()
    throw error
  }
  return { connections: registered.map(nameOf), counts: webhooks.counts, close }
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | null = null
  return () => (done ??= work())
}

/** What was taken and what was refused and why, per connection. */
function tellCounts({ log }: Session, webhooks: Webhooks): void {
  for (const [connection, counts] of webhooks.counts()) log.info({ connection, ...counts }, 'webhooks so far')
}

/** A sandbox that was stopped before us has forgotten everything anyway. */
async function takeBack({ log }: Session, { connection, request }: WebhookTarget): Promise<void> {
  try {
    await connection.connector.webhooks.remove(request)
  } catch (error) {
    // Or it took too long, and its connection is closed by now.
    log.debug({ connection: connection.settings.name, error }, 'webhooks could not be taken back')
  }
}

async function openDoor(
  { pairings, engines }: ListenerOptions,
  webhooks: Webhooks,
  { connection, request }: WebhookTarget,
  secret: string,
): Promise<void> {
  const { name } = connection.settings
  const reader = await connection.connector.webhooks.reader({
    account: accountOf(pairings, name),
    objects: request.wanted.map(({ object }) => object),
    secret,
  })
  webhooks.open({
    connection: name,
    read: (delivery, nowMs) => reader.read(delivery, nowMs),
    observe: (bells) => observe(engines, { connection: name, bells }),
  })
}

function accountOf(pairings: readonly OpenedPairing[], connection: string): string {
  const accounts = pairings.flatMap(({ pairing: { connectors, accounts: both } }) =>
    SIDES.flatMap((side) => (connectors[side].connection === connection ? [both[side].id] : [])),
  )
  return accounts[0] ?? ''
}

function webhooksOf({ runtime, log }: Session, publicUrl: () => string): Webhooks {
  return openWebhooks({ runtime, log, publicUrl })
}

function serve(
  { runtime }: Session,
  at: { readonly host: string; readonly port: number },
  webhooks: Webhooks,
): Promise<WebServer> {
  return openWebServer({ ...at, routes: webhooks.routes, runtime })
}

function settings({ settings: { web } }: Session): NonNullable<Settings['web']> {
  return web ?? { bind: null, operations: null, publicUrl: null }
}

function nameOf({ connection }: WebhookTarget): string {
  return connection.settings.name
}
