/**
 * The process that keeps a simulated world in agreement: what `attune start` runs, started again as an operator or a
 * service manager would when it died, when a credential came back, or when a guard asked for a person.
 */
import { createEngine, openConnections, type AppOptions } from '../../src/compose.ts'
import { dropRoutes } from '../../src/connectors/transport.ts'
import { ConnectorError, GuardTripped } from '../../src/errors.ts'
import { createLogger } from '../../src/logging.ts'
import { SIDES } from '../../src/core/record.ts'
import { every, NEVER } from '../../src/schedule.ts'
import { newTally, type Engine, type Pairing } from '../../src/stages/engine.ts'
import { webhookWishes } from '../../src/stages/webhook-wishes.ts'
import { drain } from '../../src/stages/drain.ts'
import { follow } from '../../src/stages/follow.ts'
import { keepListening } from '../../src/stages/listen.ts'
import { lookBackToTheEnd } from '../../src/stages/look-back.ts'
import { Hands } from '../../src/stages/hands.ts'
import { observe } from '../../src/stages/observe.ts'
import { openPairing } from '../../src/stages/pairing.ts'
import { runPass, runPasses } from '../../src/stages/pass.ts'
import { createTurns } from '../../src/stages/turns.ts'
import { pairingsOf, settingsOf } from './cast.ts'
import { mappingDocuments } from './mappings.ts'
import { statusOf, type Receiver } from './post.ts'
import { connectorNamed } from './template.ts'
import { begin, type Life } from './process.ts'
import type { Death } from './scenario.ts'
import type { World } from './world.ts'

export interface DaemonLog {
  deaths: number
  /** Ends that were not deaths, by kind: `unauthorized`, `guard`, `trouble`. */
  readonly ends: Record<string, number>
}

/** What a service manager waits before it starts an ended process again, longer every time in a row. */
const RESTART_MS = 10_000
const RESTART_MAX_MS = 80_000
const LOG = createLogger({ level: 'silent' })

export interface DaemonOptions {
  /** How soon work that another process left is noticed. */
  readonly tickMs?: number
  /** How a life ends; as the scenario says when absent. */
  readonly death?: (life: number) => Death | undefined
  /** What the process does beside following. */
  readonly beside?: (engine: Engine) => readonly Promise<never>[]
}

/** Runs until `stopped`, whatever happens to it. Rejects with what no production process may end with. */
export async function runDaemon(
  world: World,
  stopped: AbortSignal,
  log: DaemonLog,
  options: DaemonOptions = {},
): Promise<void> {
  const { kernel, scenario } = world
  let guardsAccepted = false
  let restartMs = RESTART_MS
  for (let number = 0; !stopped.aborted; number += 1) {
    const death = options.death ? options.death(number) : scenario.deaths[number]
    const life = begin({ kernel, seed: scenario.seed, life: number, diesAt: death?.door ?? null })
    const stop = new AbortController()
    const abort = () => stop.abort(new Stopped())
    stopped.addEventListener('abort', abort, { once: true })
    const end: unknown = await Promise.race<unknown>([
      life.death.then(() => null),
      live(world, life, { ...options, signal: stop.signal, guardsAccepted }).then(
        () => new Error('the daemon ended by itself'),
        (error: unknown) => error,
      ),
    ])
    stopped.removeEventListener('abort', abort)
    for (const post of world.posts.values()) post.receiver = null
    // A process that is gone holds nothing; its connections would stay for as long as this one lives.
    dropRoutes()
    if (end === null) {
      log.deaths += 1
      for (const network of world.networks.values()) {
        network.unhear({
          writesSinceMs: life.ackedMs() - scenario.latencyMs[1],
          readsSinceMs: life.keptMs(),
        })
      }
      restartMs = RESTART_MS
      await kernel.sleep(death?.downMs ?? 0)
      continue
    }
    life.kill()
    if (end instanceof Stopped) return
    guardsAccepted = end instanceof GuardTripped
    const kind = kindOf(end)
    if (kind === null) throw end
    log.ends[kind] = (log.ends[kind] ?? 0) + 1
    await kernel.sleep(restartMs)
    restartMs = Math.min(RESTART_MAX_MS, restartMs * 2)
  }
}

class Stopped extends Error {
  override readonly name = 'Stopped'
}

/** Null for what may not happen. */
function kindOf(end: unknown): string | null {
  if (end instanceof GuardTripped) return 'guard'
  if (!(end instanceof ConnectorError)) return null
  return end.kind === 'unauthorized' ? 'unauthorized' : 'trouble'
}

async function live(
  world: World,
  life: Life,
  options: DaemonOptions & { readonly signal: AbortSignal; readonly guardsAccepted: boolean },
): Promise<never> {
  const { scenario } = world
  const { signal, guardsAccepted } = options
  const { engines } = await boot(world, life, { signal, guardsAccepted })
  if (scenario.bells.on) await listen(world, life, engines)
  const turn = createTurns()
  const approval = guardsAccepted ? world.approvals.at(-1) : undefined
  let passed = 0
  const firstPass = async (engine: Engine): Promise<void> => {
    await turn(() => runPass(engine, QUIETLY))
    passed += 1
    if (approval && passed === engines.length) approval.overMs = world.kernel.now()
  }
  const kept = engines.map((engine) => keep(world, engine, options, () => firstPass(engine)))
  return Promise.race([...kept, ...lines(world, engines, signal)])
}

const QUIETLY = { report: () => undefined }

/** One pairing, as `attune start` keeps it beside the others: its first pass has its turn, then it follows. */
async function keep(
  world: World,
  engine: Engine,
  { tickMs, beside }: DaemonOptions,
  firstPass: () => Promise<void>,
): Promise<never> {
  const { scenario } = world
  await firstPass()
  const daemon: Engine = { ...engine, settings: { ...engine.settings, guardsAccepted: false } }
  const follower = follow(daemon, {
    looks: {
      poll: every(scenario.pollMs),
      listing: every(scenario.pollMs),
      delayedPoll: NEVER,
      sweep: every(scenario.sweepMs),
    },
    ...(tickMs === undefined ? {} : { tickMs }),
    onRound: () => undefined,
    onTrouble: () => undefined,
  })
  const helpers = Array.from({ length: scenario.workers - 1 }, (_, i) => work(daemon, WORKER_MS + i * 300))
  const [ended] = await Promise.all([follower, ...helpers, ...(beside?.(daemon) ?? [])])
  return ended
}

/** What can be heard over a line, where the vendor has one. */
function lines(
  { scenario }: World,
  [first, ...others]: readonly Engine[],
  signal: AbortSignal,
): readonly Promise<never>[] {
  if (!first || !scenario.bells.on) return []
  return connectorsOf([first, ...others])
    .filter(({ connector }) => connector.line !== undefined)
    .map(({ connector }) => keepListening([first, ...others], connector, signal))
}

/** Every connection once, with the first pairing that has it. */
function connectorsOf(engines: readonly Engine[]) {
  const all = engines.flatMap((engine) =>
    SIDES.map((side) => ({ connector: engine.pairing.connectors[side], side, engine })),
  )
  return [...new Map(all.map((each) => [each.connector.connection, each])).values()]
}

/** What the listener of `attune start` does with deliveries, without its server. */
async function listen({ template, posts }: World, life: Life, engines: readonly Engine[]): Promise<void> {
  for (const { connector, side, engine } of connectorsOf(engines)) {
    const { connection, webhooks, capabilities } = connector
    const { pairing, runtime } = engine
    const post = posts.get(connection)
    if (!post || !capabilities.pushes) continue
    const reader = await webhooks.reader({
      account: pairing.accounts[side].id,
      objects: webhookWishes(
        engines.map((each) => each.pairing),
        connection,
      ).map(({ object }) => object),
      secret: template.secrets.get(connection) ?? '',
    })
    const hear: Receiver = async (delivery) => {
      const hearing = reader.read(delivery, runtime.now())
      if (hearing.kind === 'heard') await observe(engines, { connection, bells: hearing.bells })
      return statusOf(hearing)
    }
    // A race against the death would leave something behind for every delivery of a long life.
    const unanswered = new Set<() => void>()
    void life.death.then(() => unanswered.forEach((hangUp) => hangUp()))
    post.receiver = (delivery) =>
      new Promise((resolve, reject) => {
        const hangUp = () => resolve(null)
        unanswered.add(hangUp)
        const end = () => unanswered.delete(hangUp)
        hear(delivery).then(resolve, reject).finally(end)
      })
  }
}

/** How often a further worker looks for something to do. */
const WORKER_MS = 700

/** A further worker of the same process, beside the one that listens and looks: it claims what is due and works it off. */
async function work(engine: Engine, restMs: number): Promise<never> {
  for (;;) {
    await engine.runtime.sleep(restMs, engine.signal)
    const backlogs = await engine.store.backlogs({
      mappings: engine.pairing.mappings.map(({ rules }) => rules.mapping),
      nowMs: engine.runtime.now(),
    })
    for (const mapping of engine.pairing.mappings) {
      if ((backlogs.get(mapping.rules.mapping)?.due ?? 0) === 0) continue
      try {
        await drain(engine, mapping)
      } catch (error) {
        // The other worker meets it too, and decides what it means for the daemon.
        if (!(error instanceof ConnectorError)) throw error
      }
    }
  }
}

export interface QuietProcess {
  /** One complete pass. */
  pass(): Promise<void>
  /** Whatever was written and not looked back on yet. */
  lookBack(): Promise<void>
  close(): void
}

/** A process that nothing disturbs. */
export async function quietProcess(world: World): Promise<QuietProcess> {
  const life = begin({ kernel: world.kernel, seed: world.scenario.seed, life: QUIET_LIFE, diesAt: null })
  const { signal } = new AbortController()
  const { engines, close } = await boot(world, life, { signal, guardsAccepted: true })
  return {
    pass: () =>
      runPasses(
        engines.map((engine) => ({ ...engine, tally: newTally() })),
        QUIETLY,
      ),
    async lookBack() {
      for (const engine of engines) await lookBackToTheEnd(engine)
    },
    close,
  }
}

/** Far from the numbers of the daemon's lives, so that ids of one never meet those of another. */
const QUIET_LIFE = 1_000

async function boot(
  world: World,
  life: Life,
  options: { readonly signal: AbortSignal; readonly guardsAccepted: boolean },
): Promise<{ engines: readonly Engine[]; close: () => void }> {
  const { scenario, models, networks, template } = world
  const cast = pairingsOf(scenario)
  if (options.guardsAccepted) {
    world.approvals.push({ atMs: world.kernel.now(), overMs: Number.POSITIVE_INFINITY })
  }
  const store = life.store(world.store)
  const settings = settingsOf(models, cast, {
    batchSize: scenario.batchSize,
    ...(scenario.guards ? { guards: scenario.guards } : {}),
  })
  const transports = Object.fromEntries(
    [...networks].map(([vendor, network]) => [vendor, life.transport(network.transport)]),
  )
  const app: AppOptions = { settings, runtime: life.runtime, log: LOG, transports, hands: new Hands() }
  const connections = openConnections(app)
  const pairings: Pairing[] = []
  for (const { name, stamps, ...ends } of cast) {
    const left = connectorNamed(connections, ends.left)
    const right = connectorNamed(connections, ends.right)
    const connectors = { left, right }
    const documents = mappingDocuments(name, scenario.mappings, scenario.accounts)
    // Compiled once for all worlds whose schemas are those of the template: that is most of what opening costs.
    pairings.push(
      world.isSchemaBroken()
        ? (await openPairing({ name, connectors, documents, stamps })).pairing
        : {
            name,
            connectors,
            accounts: { left: await left.account(), right: await right.account() },
            users: { left: await left.users(), right: await right.users() },
            mappings: template.mappings(name, scenario.mappings),
          },
    )
  }
  await store.releaseClaims()
  const all = pairings.map((pairing) => ({ pairing }))
  const run = life.runtime.id()
  const engines = pairings.map((pairing) =>
    createEngine({ app, store, pairing, pairings: all, run, ...options }),
  )
  return { engines, close: () => connections.close() }
}
