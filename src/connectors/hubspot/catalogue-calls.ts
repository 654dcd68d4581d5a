/** What the account is like: property definitions, pipelines, owners, account details, in plain data. */
import type { HubSpotClient, HubSpotSdk } from './client.ts'

type SdkProperty = Awaited<
  ReturnType<HubSpotSdk['crm']['properties']['coreApi']['getAll']>
>['results'][number]

/** Without the times, which are dates in the client's hands and texts in HubSpot's. */
export type PropertyDefinition = Omit<SdkProperty, 'createdAt' | 'updatedAt' | 'archivedAt'>

export interface Pipeline {
  readonly id: string
  readonly label: string
  readonly archived: boolean
  readonly stages: readonly { readonly id: string; readonly label: string; readonly archived: boolean }[]
}

export interface Owner {
  readonly id: string
  readonly email: string | null
}

export interface NewProperty {
  readonly name: string
  readonly label: string
  readonly description: string
  readonly unique: boolean
  readonly group: string
}

/** All definitions at once; HubSpot does not page them. */
export async function readProperties(
  client: HubSpotClient,
  object: string,
): Promise<readonly PropertyDefinition[]> {
  const path = `/crm/v3/properties/${encodeURIComponent(object)}`
  return (await client.ask<{ readonly results: readonly PropertyDefinition[] }>({ path })).results
}

export async function createTextProperty(
  client: HubSpotClient,
  object: string,
  { name, label, description, unique, group }: NewProperty,
): Promise<void> {
  await client.write((sdk) =>
    sdk.crm.properties.coreApi.create(object, {
      name,
      label,
      description,
      groupName: group,
      // Enums of the client's generated code; their members are these very words.
      type: 'string' as SdkNewProperty['type'],
      fieldType: 'text' as SdkNewProperty['fieldType'],
      hasUniqueValue: unique,
      formField: false,
    }),
  )
}

type SdkNewProperty = Parameters<HubSpotSdk['crm']['properties']['coreApi']['create']>[1]

export async function readPropertyGroups(client: HubSpotClient, object: string): Promise<readonly string[]> {
  const groups = await client.read((sdk) => sdk.crm.properties.groupsApi.getAll(object))
  return groups.results.map((group) => group.name)
}

export async function createPropertyGroup(
  client: HubSpotClient,
  object: string,
  group: { name: string; label: string },
): Promise<void> {
  await client.write((sdk) => sdk.crm.properties.groupsApi.create(object, group))
}

export async function readPipelines(client: HubSpotClient, object: string): Promise<readonly Pipeline[]> {
  return (await client.read((sdk) => sdk.crm.pipelines.pipelinesApi.getAll(object))).results
}

/** Type ids of the account's custom objects, by every lower-case name they have (HubSpot fact sheet 16). */
export async function readCustomTypes(client: HubSpotClient): Promise<ReadonlyMap<string, string>> {
  const { results } = await client.read((sdk) => sdk.crm.schemas.coreApi.getAll())
  return new Map(
    results.flatMap(({ objectTypeId, name, fullyQualifiedName }) =>
      objectTypeId
        ? [name, fullyQualifiedName].flatMap((each) =>
            each ? [[each.toLowerCase(), objectTypeId] as const] : [],
          )
        : [],
    ),
  )
}

export async function readOwners(
  client: HubSpotClient,
  page: { archived: boolean; after: string | null; limit: number },
): Promise<{ owners: readonly Owner[]; after: string | null }> {
  const answer = await client.read((sdk) =>
    sdk.crm.owners.ownersApi.getPage(undefined, page.after ?? undefined, page.limit, page.archived),
  )
  return {
    owners: answer.results.map(({ id, email }) => ({ id: String(id), email: email || null })),
    after: answer.paging?.next?.after ?? null,
  }
}

export interface AccountDetails {
  readonly portalId: string
  readonly uiDomain: string | null
  readonly utcOffsetMs: number
}

/** The client has no method for this endpoint. */
export async function readAccountDetails(client: HubSpotClient): Promise<AccountDetails> {
  const details = await client.ask<Readonly<Record<string, unknown>>>({ path: '/account-info/v3/details' })
  const { portalId, uiDomain, utcOffsetMilliseconds } = details
  return {
    portalId: String(portalId),
    uiDomain: typeof uiDomain === 'string' ? uiDomain : null,
    utcOffsetMs: typeof utcOffsetMilliseconds === 'number' ? utcOffsetMilliseconds : 0,
  }
}

export interface TokenDetails {
  readonly appId: string
  readonly scopes: readonly string[]
}

/** Only OAuth tokens have metadata. */
export async function readTokenDetails(client: HubSpotClient, token: string): Promise<TokenDetails> {
  const details = await client.read((sdk) => sdk.oauth.accessTokensApi.get(token))
  return { appId: String(details.appId), scopes: details.scopes }
}
