/** Webhook settings and subscriptions of an app, in plain data (HubSpot fact sheet 20.1). */
import { ConnectorError } from '../../errors.ts'
import type { HubSpotClient, HubSpotSdk } from './client.ts'
import type { Subscription } from './subscriptions.ts'

export interface KnownSubscription extends Subscription {
  readonly id: string
  readonly active: boolean
}

/** The vendor's own default; it must be above five. */
const REQUESTS_AT_ONCE = 10

/** Null: the app has no target URL. */
export async function readTarget(client: HubSpotClient, appId: number): Promise<string | null> {
  try {
    return (await client.read((sdk) => sdk.webhooks.settingsApi.getAll(appId))).targetUrl
  } catch (error) {
    if (error instanceof ConnectorError && error.kind === 'not-found') return null
    throw error
  }
}

export async function writeTarget(client: HubSpotClient, appId: number, targetUrl: string): Promise<void> {
  const throttling: Settings['throttling'] = { maxConcurrentRequests: REQUESTS_AT_ONCE }
  await client.write((sdk) => sdk.webhooks.settingsApi.configure(appId, { targetUrl, throttling }))
}

type Settings = Parameters<HubSpotSdk['webhooks']['settingsApi']['configure']>[1]

export async function clearTarget(client: HubSpotClient, appId: number): Promise<void> {
  await client.write((sdk) => sdk.webhooks.settingsApi.clear(appId))
}

export async function readSubscriptions(
  client: HubSpotClient,
  appId: number,
): Promise<readonly KnownSubscription[]> {
  const { results } = await client.read((sdk) => sdk.webhooks.subscriptionsApi.getAll(appId))
  return results.map(({ id, eventType, propertyName, objectTypeId, active }) => ({
    id: String(id),
    eventType,
    propertyName: propertyName ?? null,
    objectTypeId: objectTypeId ?? null,
    active,
  }))
}

type NewSubscription = Parameters<HubSpotSdk['webhooks']['subscriptionsApi']['create']>[1]

/** Active from the start: HubSpot would leave it paused. */
export async function createSubscription(
  client: HubSpotClient,
  appId: number,
  { eventType, propertyName, objectTypeId }: Subscription,
): Promise<void> {
  await client.write((sdk) =>
    sdk.webhooks.subscriptionsApi.create(appId, {
      // An enum of the client's generated code; its members are these very words.
      eventType: eventType as NewSubscription['eventType'],
      active: true,
      ...(propertyName !== null && { propertyName }),
      ...(objectTypeId !== null && { objectTypeId }),
    }),
  )
}

export async function activateSubscription(client: HubSpotClient, appId: number, id: string): Promise<void> {
  await client.write((sdk) => sdk.webhooks.subscriptionsApi.update(Number(id), appId, { active: true }))
}

export async function deleteSubscription(client: HubSpotClient, appId: number, id: string): Promise<void> {
  await client.write((sdk) => sdk.webhooks.subscriptionsApi.archive(Number(id), appId))
}
