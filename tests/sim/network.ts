/**
 * The way between a process and one vendor: it takes time, and in bad weather it does worse. A request that has left
 * the process is on its way whether the process lives or not.
 */
import type { HttpRequest, HttpResponse, Transport } from '../../src/connectors/transport.ts'
import { createFaults, type FaultLayer } from '../../src/sandbox/faults.ts'
import type { VendorModel } from '../../src/sandbox/model.ts'
import { modelTransport } from '../../src/sandbox/model-transport.ts'
import { seededRandom, type Random } from '../../src/sandbox/random.ts'
import type { Hands } from './hands/hands.ts'
import type { Kernel } from './kernel.ts'
import type { Scenario, Weather } from './scenario.ts'
import type { Witness } from './witness.ts'

export interface Exchange {
  readonly vendor: string
  readonly request: HttpRequest
  readonly mutating: boolean
  readonly sentMs: number
  /** When it reached the vendor; null when it has not yet. */
  handledMs: number | null
  /** When it changed something there, which a late one does later than it arrives; null when it has not. */
  effectMs: number | null
  /** The body of an answer that arrived and was none of a failure. */
  answer: string | null
  status: number | null
  /** The process that sent it died before it wrote down what became of it. */
  isUnheard: boolean
  /** The fault it met. */
  fault: string | null
}

export interface Network {
  readonly transport: Transport
  /** Everything that was sent, in order. */
  readonly exchanges: readonly Exchange[]
  /** From now on the sky is clear; effects that are still under way arrive. */
  heal(): Promise<void>
  /**
   * The process died: what became of the writes that are under way, or were handled since then, is known to nobody, and
   * neither is what was asked for when it had written down all that it ever did.
   */
  unhear(since: { readonly writesSinceMs: number; readonly readsSinceMs: number }): void
  /** Drops what was sent before this. */
  forget(beforeMs: number): void
  /** Whether the vendor refuses our credential. */
  revoked: boolean
}

export function createNetwork(options: {
  readonly vendor: string
  readonly model: VendorModel
  readonly kernel: Kernel
  readonly hands: Hands
  readonly witness: Witness
  readonly scenario: Scenario
  readonly startMs: number
  /** Told when a request that changes something sets out, and how long it travels at least. */
  readonly onDeparture: (request: HttpRequest, travelMs: number) => void
  /** Told after every request that changed something. */
  readonly onChange: () => void
}): Network {
  const { vendor, model, kernel, hands, witness, scenario, startMs, onDeparture, onChange } = options
  let exchanges: Exchange[] = []
  const exchangeOf = new WeakMap<HttpRequest, Exchange>()
  const lag = seededRandom(scenario.seed, `latency/${vendor}`)
  const [least, most] = scenario.latencyMs
  const runtime = { sleep: (ms: number, signal?: AbortSignal) => kernel.sleep(ms, signal ? { signal } : {}) }
  let isClear = false

  const watched: VendorModel = {
    ...model,
    get token() {
      return model.token
    },
    settings: model.settings,
    handle(request) {
      const exchange = exchangeOf.get(request)
      if (!exchange)
        throw new Error(`${request.method} ${request.url} reached ${vendor} without having been sent`)
      if (!exchange.mutating) return model.handle(request)
      const answer = witness.see(vendor, 'engine', hands.kindsOf(request), () => model.handle(request))
      exchange.effectMs = kernel.now()
      onChange()
      return answer
    },
  }
  const aheadMs = scenario.clockMs[vendor] ?? 0
  const vendorNow = () => kernel.now() + aheadMs
  const clear = modelTransport(watched, { runtime, now: vendorNow })
  const skies = scenario.weather
    .filter((weather) => weather.vendor === vendor)
    .map((weather, index) =>
      skyOf(
        weather,
        watched,
        { runtime, now: vendorNow },
        seededRandom(scenario.seed, `sky/${vendor}/${index}`),
      ),
    )

  const skyOver = (request: HttpRequest, mutating: boolean): Sky | null => {
    if (isClear) return null
    const sinceMs = kernel.now() - startMs
    return skies.find((sky) => sky.hits(request, mutating, sinceMs)) ?? null
  }

  const travel = () => kernel.sleep(least + lag.next() * (most - least))

  const network: Network = {
    get exchanges() {
      return exchanges
    },
    unhear({ writesSinceMs, readsSinceMs }) {
      for (const exchange of exchanges) {
        const { mutating, handledMs, sentMs } = exchange
        const isLost = mutating ? handledMs === null || handledMs >= writesSinceMs : sentMs >= readsSinceMs
        if (isLost) exchange.isUnheard = true
      }
    },
    forget(beforeMs) {
      exchanges = exchanges.filter(({ sentMs }) => sentMs >= beforeMs)
    },
    revoked: false,
    async transport(request) {
      const mutating = model.isMutating(request)
      const exchange: Exchange = {
        vendor,
        request,
        mutating,
        sentMs: kernel.now(),
        handledMs: null,
        effectMs: null,
        answer: null,
        status: null,
        isUnheard: false,
        fault: null,
      }
      exchanges.push(exchange)
      exchangeOf.set(request, exchange)
      if (mutating) onDeparture(request, least)
      await travel()
      const sky = skyOver(request, mutating)
      exchange.fault = sky?.name ?? null
      exchange.handledMs = kernel.now()
      let answer: HttpResponse
      if (network.revoked) answer = model.refuse('unauthorized', request)
      else answer = await (sky?.transport ?? clear)(request)
      await travel()
      exchange.status = answer.status
      if (answer.status < 400) exchange.answer = answer.body
      return answer
    },
    async heal() {
      isClear = true
      network.revoked = false
      await Promise.all(skies.map((sky) => sky.layer.settled()))
    },
  }
  return network
}

interface Sky {
  readonly name: string
  readonly layer: FaultLayer
  readonly transport: Transport
  hits(request: HttpRequest, mutating: boolean, sinceMs: number): boolean
}

function skyOf(
  { rule, fromMs, toMs }: Weather,
  model: VendorModel,
  {
    runtime,
    now,
  }: { readonly runtime: Parameters<typeof createFaults>[1]['runtime']; readonly now: () => number },
  dice: Random,
): Sky {
  const { probability = 1, ...always } = rule
  const layer = createFaults(model, { runtime, rules: [always] })
  return {
    name: rule.refusal ? `${rule.kind} ${rule.refusal}` : rule.kind,
    layer,
    transport: modelTransport(model, { runtime, faults: layer, now }),
    hits: (_request, mutating, sinceMs) =>
      sinceMs >= fromMs &&
      sinceMs <= toMs &&
      (rule.mutating === undefined || rule.mutating === mutating) &&
      dice.chance(probability),
  }
}
