/**
 * What every simulated world begins with: two accounts that an engine has been set up for, and the mappings compiled
 * against them. Made once per run by the production code, then copied, since a world must cost milliseconds.
 */
import { openConnections, openStore, type AppOptions } from '../../src/compose.ts'
import { setUpStamps } from '../../src/cli/setup-stamps.ts'
import { createLogger } from '../../src/logging.ts'
import type { Runtime } from '../../src/runtime.ts'
import { modelTransport } from '../../src/sandbox/model-transport.ts'
import { VENDORS } from '../../src/sandbox/vendors.ts'
import type { VendorModel } from '../../src/sandbox/model.ts'
import type { MappingRuntime, Pairing } from '../../src/stages/engine.ts'
import { openPairing, type OpenedPairing } from '../../src/stages/pairing.ts'
import { webhookWishes } from '../../src/stages/webhook-wishes.ts'
import { HANDS, PAIRING, STAMPS, START_MS, settingsOf } from './cast.ts'
import { administer } from './hands/administer.ts'
import { createKernel } from './kernel.ts'
import { MAPPING_SETS, mappingDocuments, THEMED_SETS, type MappingSet } from './mappings.ts'

export interface Template {
  /** Vendor → snapshot of its model, before and after its webhooks were installed. */
  readonly silent: ReadonlyMap<string, string>
  readonly ringing: ReadonlyMap<string, string>
  /** Vendor → what it signs deliveries with. */
  readonly secrets: ReadonlyMap<string, string>
  readonly mappings: ReadonlyMap<MappingSet, readonly MappingRuntime[]>
}

let made: Promise<Template> | null = null

export function template(): Promise<Template> {
  return (made ??= make())
}

async function make(): Promise<Template> {
  const kernel = createKernel(START_MS)
  const models = new Map(
    VENDORS.filter(({ name }) => HANDS.has(name)).map(({ name, create }) => [
      name,
      create({ clock: () => kernel.now(), seed: 1, limits: 'off' }),
    ]),
  )
  for (const [vendor, model] of models) administer(model, HANDS.get(vendor)?.prepare ?? [])
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
    settings: settingsOf(models),
    runtime,
    log: createLogger({ level: 'silent' }),
    transports,
  }
  const connections = openConnections(app)
  const open = (set: MappingSet): Promise<OpenedPairing> => {
    const left = connections.byName.get(PAIRING.left)?.connector
    const right = connections.byName.get(PAIRING.right)?.connector
    if (!left || !right) throw new Error('a connection of the pairing is missing')
    return openPairing({
      name: PAIRING.name,
      connectors: { left, right },
      documents: mappingDocuments(set),
      stamps: STAMPS,
    })
  }
  await kernel.run(open('shipped').then(setUpStamps))
  const mappings = new Map<MappingSet, readonly MappingRuntime[]>()
  for (const set of [...MAPPING_SETS, ...THEMED_SETS]) {
    const { pairing, warnings } = await kernel.run(open(set))
    if (warnings.length > 0) throw new Error(`mapping set ${set}: ${warnings.join('; ')}`)
    mappings.set(set, pairing.mappings)
  }
  const snapshots = () => new Map([...models].map(([vendor, model]) => [vendor, model.snapshot()]))
  const silent = snapshots()
  const secrets = await kernel.run(installWebhooks((await kernel.run(open('shipped'))).pairing, models))
  connections.close()
  // Compiles whatever is compiled at the first opening, so that no seed pays for it.
  await (await openStore({ file: ':memory:' })).close()
  return { silent, ringing: snapshots(), secrets, mappings }
}

/** As `attune webhooks install` does. Fields that only some mapping sets keep are not heard of: the sweep is for those. */
async function installWebhooks(
  pairing: Pairing,
  models: ReadonlyMap<string, VendorModel>,
): Promise<ReadonlyMap<string, string>> {
  const secrets = new Map<string, string>()
  for (const { connection, webhooks } of Object.values(pairing.connectors)) {
    const known = models.get(connection)?.app?.clientSecret ?? null
    const change = await webhooks.install({
      target: `https://attune.invalid/webhooks/${connection}`,
      wanted: webhookWishes([pairing], connection),
      secretIsKnown: known !== null,
    })
    if (change.kind === 'by-hand') throw new Error(`webhooks of ${connection} could not be installed`)
    secrets.set(connection, change.secret ?? known ?? '')
  }
  return secrets
}
