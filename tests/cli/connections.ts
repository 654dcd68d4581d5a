/** Connections on virtual time, to vendors that answer everything in the same way. */
import { openConnections, type Connection } from '../../src/compose.ts'
import type { Vendor } from '../../src/config/connection.ts'
import type { Settings } from '../../src/config/settings.ts'
import type { HttpRequest, HttpResponse } from '../../src/connectors/transport.ts'
import { createLogger } from '../../src/logging.ts'
import type { Runtime } from '../../src/runtime.ts'
import { ENGINE_SETTINGS } from '../stages/engine-settings.ts'

export function openConnectionsTo(
  vendor: Vendor,
  options: {
    readonly runtime: Runtime
    readonly answer: (request: HttpRequest) => HttpResponse
    readonly settings?: Partial<Settings['connections'][number]>
  },
) {
  const { runtime, answer } = options
  const settings: Settings = {
    connections: [
      {
        name: 'crm',
        vendor,
        baseUrl: `http://${vendor}.invalid`,
        token: 't',
        requestsInFlight: 25,
        ...options.settings,
      },
    ],
    pairings: [],
    ...ENGINE_SETTINGS,
  }
  const log = createLogger({ level: 'silent' })
  const transports = { crm: async (request: HttpRequest) => answer(request) }
  const connections = openConnections({ settings, runtime, log, transports })
  const crm = connections.byName.get('crm') as Connection
  const send = (method: string, path: string) =>
    crm.budget.transport({ method, url: `http://${vendor}.invalid${path}`, headers: {}, body: null })
  return { connections, crm, send }
}
