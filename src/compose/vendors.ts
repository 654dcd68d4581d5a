/** The vendors: for each one its connector, how it meters an account, and what its records call their counterpart. */
import type { ConnectionSettings, LoginSettings, Vendor } from '../config/connection.ts'
import { createAttioConnector } from '../connectors/attio/connector.ts'
import { attioTraffic } from '../connectors/attio/traffic.ts'
import type { Connector } from '../connectors/connector.ts'
import { createHubSpotConnector } from '../connectors/hubspot/connector.ts'
import { hubspotTrafficOf } from '../connectors/hubspot/traffic.ts'
import { withLimits } from '../connectors/limits.ts'
import { createSalesforceConnector } from '../connectors/salesforce/connector.ts'
import { salesforceTraffic } from '../connectors/salesforce/traffic.ts'
import type { Traffic } from '../connectors/traffic.ts'
import type { Transport } from '../connectors/transport.ts'
import type { Logger } from '../logging.ts'
import { readSecret, writeSecret } from '../secret-file.ts'

type Common = Parameters<typeof createAttioConnector>[0]

interface Surroundings {
  readonly log: Logger
  /** Keeps a request open for longer than any other may take. */
  readonly lineTransport: Transport
}

export function createConnector(
  settings: ConnectionSettings,
  options: Common,
  surroundings: Surroundings,
): Connector {
  switch (settings.vendor) {
    case 'attio':
      return createAttioConnector(options)
    case 'hubspot': {
      const { appId: id = '', developerKey = '' } = settings.webhooks ?? {}
      return createHubSpotConnector({
        ...options,
        ...(id && developerKey && { webhookApp: { id, developerKey } }),
      })
    }
    case 'salesforce':
      return salesforceConnector(settings, options, surroundings)
  }
}

function salesforceConnector(
  { name, baseUrl, token, login, writes }: ConnectionSettings,
  { connection, transport, runtime, pressure, paceMs }: Common,
  { log, lineTransport }: Surroundings,
): Connector {
  const { url, clientId, clientSecret, refreshToken, refreshTokenFile } = login ?? NO_LOGIN
  return createSalesforceConnector({
    connection,
    transport,
    ...(pressure && { pressure }),
    ...(paceMs && { paceMs }),
    runtime,
    credentials: {
      instanceUrl: baseUrl,
      loginUrl: url || baseUrl,
      ...(token && { accessToken: token }),
      ...(clientId && { clientId }),
      ...(clientSecret && { clientSecret }),
      ...(refreshToken && { refreshToken }),
    },
    ...(writes && { writes }),
    lineTransport,
    keptRefreshToken: () => (refreshTokenFile === null ? '' : readSecret(refreshTokenFile)),
    onRefreshToken: (replacement) => {
      if (refreshTokenFile !== null) return writeSecret(refreshTokenFile, replacement)
      log.warn(
        { connection: name },
        'the refresh token was replaced, and no file is named that would keep the new one for the next start',
      )
    },
  })
}

const NO_LOGIN: LoginSettings = {
  url: '',
  clientId: '',
  clientSecret: '',
  refreshToken: '',
  refreshTokenFile: null,
}

/** How the vendor meters this account: by its rules, and by what the config says about them. */
export function trafficOf({ vendor, metering }: Pick<ConnectionSettings, 'vendor' | 'metering'>): Traffic {
  const traffic = vendorTraffic(vendor, metering?.tier ?? null)
  return metering ? withLimits(traffic, metering) : traffic
}

function vendorTraffic(vendor: Vendor, tier: string | null): Traffic {
  switch (vendor) {
    case 'attio':
      return attioTraffic()
    case 'hubspot':
      return hubspotTrafficOf(tier)
    case 'salesforce':
      return salesforceTraffic
  }
}

/** What a record of `vendor` calls the field that holds the id of its counterpart (DESIGN section 5). */
export function stampField(vendor: Vendor, counterpart: Vendor): string {
  switch (vendor) {
    case 'attio':
      return `${counterpart}_id`
    case 'hubspot':
      return 'attio_record_id'
    case 'salesforce':
      return 'Attio_Record_Id__c'
  }
}
