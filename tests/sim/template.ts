/**
 * What every simulated world begins with: the accounts of its cast, which an engine has been set up for, and the mappings
 * compiled against them. Made once per run by the production code, then copied, since a world must cost milliseconds.
 */
import { openConnections, openStore, type AppOptions, type Connections } from '../../src/compose.ts'
import type { Connector } from '../../src/connectors/connector.ts'
import { SIDES } from '../../src/core/record.ts'
import { setUpStamps } from '../../src/cli/setup-stamps.ts'
import { createLogger } from '../../src/logging.ts'
import type { Runtime } from '../../src/runtime.ts'
import { modelTransport } from '../../src/sandbox/model-transport.ts'
import { vendorsNamed } from '../../src/sandbox/vendors.ts'
import type { VendorModel } from '../../src/sandbox/model.ts'
import type { MappingRuntime, Pairing } from '../../src/stages/engine.ts'
import { openPairing, type OpenedPairing } from '../../src/stages/pairing.ts'
import { webhookWishes } from '../../src/stages/webhook-wishes.ts'
import { CASTS, HANDS, START_MS, settingsOf, vendorsOf, type CastName, type CastPairing } from './cast.ts'
import { administer } from './hands/administer.ts'
import { createKernel } from './kernel.ts'
import { MAPPING_SETS, mappingDocuments, THEMED_SETS, type MappingSet } from './mappings.ts'
import type { Accounts } from './scenario.ts'

export interface Template {
  /** Vendor → snapshot of its model, before and after its webhooks were installed. */
  readonly silent: ReadonlyMap<string, string>
  readonly ringing: ReadonlyMap<string, string>
  /** Vendor → what it signs deliveries with. */
  readonly secrets: ReadonlyMap<string, string>
  /** What the mappings of a pairing are compiled to. */
  mappings(pairing: string, set: MappingSet): readonly MappingRuntime[]
}

const made = new Map<string, Promise<Template>>()

export function template(cast: CastName = 'attio-hubspot', accounts: Accounts = 'new'): Promise<Template> {
  const key = `${cast}/${accounts}`
  const known = made.get(key) ?? make(CASTS[cast], accounts)
  made.set(key, known)
  return known
}

async function make(pairings: readonly CastPairing[], accounts: Accounts): Promise<Template> {
  const kernel = createKernel(START_MS)
  const models = new Map(
    vendorsNamed(vendorsOf(pairings)).map(({ name, create }) => [
      name,
      create({ clock: () => kernel.now(), seed: 1, limits: 'off' }),
    ]),
  )
  for (const [vendor, model] of models) {
    const { prepare = [], grow = [] } = HANDS.get(vendor) ?? {}
    administer(model, accounts === 'grown' ? [...prepare, ...grow] : prepare)
  }
  let ids = 0
  const runtime: Runtime = {
    now: () => kernel.now(),
    sleep: (ms, signal) => kernel.sleep(ms, signal ? { signal } : {}),
    random: () => 0.5,
    id: () => `00000000-0000-4000-8000-${String((ids += 1)).padStart(12, '0')}`,
  }
  const transports = Object.fromEntries(
    [...models].map(([vendor, model]) => [vendor, modelTransport(model, { runtime })]),
  )
  const app: AppOptions = {
    settings: settingsOf(models, pairings),
    runtime,
    log: createLogger({ level: 'silent' }),
    transports,
  }
  const connections = openConnections(app)
  const open = ({ name, left, right, stamps }: CastPairing, set: MappingSet): Promise<OpenedPairing> =>
    openPairing({
      name,
      connectors: { left: connectorNamed(connections, left), right: connectorNamed(connections, right) },
      documents: mappingDocuments(name, set, accounts),
      stamps,
    })
  for (const pairing of pairings) await kernel.run(open(pairing, 'shipped').then(setUpStamps))
  const mappings = new Map<string, readonly MappingRuntime[]>()
  for (const cast of pairings) {
    for (const set of [...MAPPING_SETS, ...THEMED_SETS]) {
      const { pairing, warnings } = await kernel.run(open(cast, set))
      if (warnings.length > 0) throw new Error(`mapping set ${cast.name}/${set}: ${warnings.join('; ')}`)
      mappings.set(`${cast.name}/${set}`, pairing.mappings)
    }
  }
  const snapshots = () => new Map([...models].map(([vendor, model]) => [vendor, model.snapshot()]))
  const silent = snapshots()
  const shipped: Pairing[] = []
  for (const cast of pairings) shipped.push((await kernel.run(open(cast, 'shipped'))).pairing)
  const secrets = await kernel.run(installWebhooks(shipped, models))
  connections.close()
  // Compiles whatever is compiled at the first opening, so that no seed pays for it.
  await (await openStore({ file: ':memory:' })).close()
  return {
    silent,
    ringing: snapshots(),
    secrets,
    mappings: (pairing, set) => mappings.get(`${pairing}/${set}`) ?? [],
  }
}

export function connectorNamed({ byName }: Connections, name: string): Connector {
  const connection = byName.get(name)
  if (!connection) throw new Error(`the connection ${name} is missing`)
  return connection.connector
}

/** As `attune webhooks install` does. Fields that only some mapping sets keep are not heard of: the sweep is for those. */
async function installWebhooks(
  pairings: readonly Pairing[],
  models: ReadonlyMap<string, VendorModel>,
): Promise<ReadonlyMap<string, string>> {
  const secrets = new Map<string, string>()
  const connectors = pairings.flatMap((pairing) => SIDES.map((side) => pairing.connectors[side]))
  for (const { connection, webhooks, capabilities } of connectors) {
    if (!capabilities.pushes || secrets.has(connection)) continue
    const known = models.get(connection)?.app?.clientSecret ?? null
    const change = await webhooks.install({
      target: `https://attune.invalid/webhooks/${connection}`,
      wanted: webhookWishes(pairings, connection),
      secretIsKnown: known !== null,
    })
    if (change.kind === 'by-hand') throw new Error(`webhooks of ${connection} could not be installed`)
    secrets.set(connection, change.secret ?? known ?? '')
  }
  return secrets
}
