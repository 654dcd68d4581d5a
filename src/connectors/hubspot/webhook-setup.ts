/**
 * Registering at HubSpot (HubSpot fact sheet 20.1). An app has one target URL, so what it subscribes to is ours
 * exactly when that URL is. Only apps with a developer key are set up by API; for private apps a person does it.
 */
import { ConnectorError } from '../../errors.ts'
import type { WebhookChange, WebhookState, WebhookSubscription } from '../bells.ts'
import type { HubSpotClient } from './client.ts'
import { nameOf, stepsFor, type Subscription } from './subscriptions.ts'
import {
  activateSubscription,
  clearTarget,
  createSubscription,
  deleteSubscription,
  readSubscriptions,
  readTarget,
  writeTarget,
  type KnownSubscription,
} from './webhook-calls.ts'

export interface WebhookApp {
  readonly id: string
  readonly developerKey: string
}

export interface WebhookSetup {
  list(target: string, wanted: readonly Subscription[]): Promise<WebhookState>
  install(target: string, wanted: readonly Subscription[], takeOver: boolean): Promise<WebhookChange>
  remove(target: string): Promise<WebhookChange>
}

export function webhookSetup(client: HubSpotClient, app: WebhookApp | null): WebhookSetup {
  return app === null ? byHand() : byApi(client, Number(app.id))
}

function byHand(): WebhookSetup {
  return {
    list: async (target, wanted) => ({ kind: 'by-hand', steps: stepsFor(target, wanted) }),
    install: async (target, wanted) => ({ kind: 'by-hand', steps: stepsFor(target, wanted) }),
    remove: async (target) => ({
      kind: 'by-hand',
      steps: [
        'In HubSpot, open Settings, Integrations, Private Apps, the app whose token is used here, and its Webhooks.',
        `Delete the subscriptions, if the target URL there is ${target}`,
      ],
    }),
  }
}

function byApi(client: HubSpotClient, appId: number): WebhookSetup {
  /** What the app tells at `target`; nothing while it delivers elsewhere. */
  const told = async (target: string): Promise<readonly KnownSubscription[]> =>
    (await readTarget(client, appId)) === target ? readSubscriptions(client, appId) : []

  return {
    async list(target, wanted) {
      const elsewhere = await readTarget(client, appId)
      const known = byName(await told(target))
      const subscriptions = [
        ...wanted.map(nameOf).map((name): WebhookSubscription => ({ name, state: stateOf(known.get(name)) })),
        ...unneeded(known, wanted).map(([name]): WebhookSubscription => ({ name, state: 'unneeded' })),
      ]
      const isElsewhere = elsewhere !== null && elsewhere !== target
      return {
        kind: 'known',
        subscriptions,
        trouble: isElsewhere ? `The app delivers to ${elsewhere}` : null,
      }
    },

    async install(target, wanted, takeOver) {
      const present = await readTarget(client, appId)
      if (present !== null && present !== target && !takeOver) {
        throw new ConnectorError('rejected', `HubSpot: the app delivers its webhooks to ${present} already`, {
          connection: client.connection,
          hint: 'An app has one target URL. Use another app, or take this one over with --take-over.',
        })
      }
      if (present !== target && wanted.length > 0) await writeTarget(client, appId, target)
      const known = byName(await readSubscriptions(client, appId))
      const created: string[] = []
      const kept: string[] = []
      for (const subscription of wanted) {
        const name = nameOf(subscription)
        const found = known.get(name)
        if (!found) await createSubscription(client, appId, subscription)
        else if (!found.active) await activateSubscription(client, appId, found.id)
        const into = found?.active ? kept : created
        into.push(name)
      }
      const removed = unneeded(known, wanted)
      for (const [, { id }] of removed) await deleteSubscription(client, appId, id)
      // HubSpot signs with the app's client secret, which does not change.
      return { kind: 'done', created, removed: removed.map(([name]) => name), kept, secret: null }
    },

    async remove(target) {
      const isOurs = (await readTarget(client, appId)) === target
      const known = isOurs ? await readSubscriptions(client, appId) : []
      // First, so that nothing is delivered any more, however long the rest takes.
      if (isOurs) await clearTarget(client, appId)
      for (const { id } of known) await deleteSubscription(client, appId, id)
      return { kind: 'done', created: [], removed: known.map(nameOf), kept: [], secret: null }
    },
  }
}

function byName(subscriptions: readonly KnownSubscription[]): ReadonlyMap<string, KnownSubscription> {
  return new Map(subscriptions.map((each) => [nameOf(each), each]))
}

function stateOf(found: KnownSubscription | undefined): WebhookSubscription['state'] {
  if (!found) return 'missing'
  return found.active ? 'present' : 'paused'
}

function unneeded(
  known: ReadonlyMap<string, KnownSubscription>,
  wanted: readonly Subscription[],
): readonly (readonly [string, KnownSubscription])[] {
  const names = new Set(wanted.map(nameOf))
  return [...known].filter(([name]) => !names.has(name))
}
