/**
 * What is exported to Prometheus. Everything is asked for when it is scraped, so that nothing has to be kept up to date;
 * only what is told round by round is counted here. Labels are names of the settings, never of records.
 */
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client'
import type { StatusCounts } from '../store/operate.ts'
import { SIDES, type Side } from '../core/record.ts'
import type { Drift } from '../stages/drift.ts'
import type { Tally } from '../stages/engine.ts'
import type { PairingState } from '../stages/supervise.ts'
import type { DoorCounts } from './webhooks.ts'

/** How one connection's requests went and how full its allowances are. */
export interface ConnectionFigures {
  readonly requests: { readonly read: number; readonly write: number; readonly throttled: number }
  readonly budget: readonly {
    readonly name: string
    readonly busy: number
    readonly capacity: number | null
    readonly waiting: number
    readonly leftShare: number | null
  }[]
}

export interface MetricsSources {
  readonly status: () => Promise<StatusCounts>
  readonly connections: () => ReadonlyMap<string, ConnectionFigures>
  readonly webhooks: () => ReadonlyMap<string, DoorCounts>
  readonly pairings: () => ReadonlyMap<string, PairingState>
  readonly drift: () => ReadonlyMap<string, Drift>
  readonly openAlerts: () => readonly { readonly kind: string }[]
}

export interface Metrics {
  /** What a round of this pairing did. */
  round(pairing: string, tally: Pick<Tally, 'created' | 'updated' | 'deleted' | 'conflictsOpened'>): void
  /** A look found changes that nobody had told of. */
  found(pairing: string, look: string, side: Side, count: number): void
  /** A request failed in a way that passes by itself. */
  trouble(connection: string): void
  /** So many old entries were forgotten. */
  forgotten(counts: Readonly<Record<string, number>>): void
  expose(): Promise<{ readonly contentType: string; readonly text: string }>
}

const STATES = ['starting', 'working', 'paused'] as const

export function createMetrics(sources: MetricsSources): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })

  const gauge = (name: string, help: string, labelNames: readonly string[] = []) =>
    new Gauge({ name: `attune_${name}`, help, labelNames: [...labelNames], registers })
  const counter = (name: string, help: string, labelNames: readonly string[]) =>
    new Counter({ name: `attune_${name}_total`, help, labelNames: [...labelNames], registers })

  const lag = gauge('lag_seconds', 'Age of the oldest record that is due and not yet looked at')
  const links = gauge('links', 'Pairs of records that are kept equal')
  const records = gauge('records', 'Records that wait for something', ['waiting'])
  const conflicts = gauge('conflicts', 'Conflicts that wait for a person')
  const pairings = gauge('pairing', '1 for the state that a pairing is in', ['pairing', 'state', 'reason'])
  const alerts = gauge('alerts', 'Alerts that are not over', ['kind'])
  const budgetUsed = gauge('budget_used', 'How much of an allowance is used', ['connection', 'bucket'])
  const budgetLimit = gauge('budget_limit', 'How much there is of it', ['connection', 'bucket'])
  const dayLeft = gauge('day_left_share', "What is left of our part of a day's requests, 0 to 1", [
    'connection',
    'bucket',
  ])
  const budgetWaiting = gauge('budget_waiting', 'Requests that wait for it', ['connection', 'bucket'])

  const drift = gauge(
    'drift_differences',
    'Fields that differ without an explanation (yes) or with one (no)',
    ['pairing', 'unexplained'],
  )
  const coverage = gauge('drift_coverage', 'The share of the pairs that was compared lately, 0 to 1', [
    'pairing',
  ])

  const writes = counter('writes', 'Records written', ['pairing', 'side', 'kind'])
  const opened = counter('conflicts_opened', 'Conflicts found', ['pairing'])
  const missed = counter('missed_changes', 'Changes that a look found and nobody had told of', [
    'pairing',
    'look',
    'side',
  ])
  const troubles = counter('troubles', 'Failures that pass by themselves', ['connection'])
  const requests = counter('requests', 'Requests sent', ['connection', 'kind'])
  const throttled = counter('throttled', 'Requests answered with 429', ['connection'])
  const deliveries = counter('webhook_deliveries', 'Deliveries that came in, by what became of them', [
    'connection',
    'result',
  ])
  const events = counter('webhook_events', 'Changes that deliveries told of, by what became of them', [
    'connection',
    'result',
  ])

  const forgotten = counter('forgotten', 'Entries forgotten because of their age', ['what'])

  const collectStatus = async (): Promise<void> => {
    const counts = await sources.status()
    lag.set(counts.lagMs / 1_000)
    links.set(counts.links)
    conflicts.set(counts.openConflicts)
    records.set({ waiting: 'dirty' }, counts.dirty)
    records.set({ waiting: 'resting' }, counts.resting)
    records.set({ waiting: 'unsettled-write' }, counts.openIntents)
    records.set({ waiting: 'review' }, counts.review)
    records.set({ waiting: 'quarantine' }, counts.quarantined)
    records.set({ waiting: 'reference' }, counts.waiting)
  }

  const collectConnections = (): void => {
    requests.reset()
    throttled.reset()
    for (const [connection, figures] of sources.connections()) {
      requests.inc({ connection, kind: 'read' }, figures.requests.read)
      requests.inc({ connection, kind: 'write' }, figures.requests.write)
      throttled.inc({ connection }, figures.requests.throttled)
      for (const { name: bucket, busy, capacity, waiting, leftShare } of figures.budget) {
        budgetUsed.set({ connection, bucket }, busy)
        if (capacity !== null) budgetLimit.set({ connection, bucket }, capacity)
        if (leftShare !== null) dayLeft.set({ connection, bucket }, leftShare)
        budgetWaiting.set({ connection, bucket }, waiting)
      }
    }
  }

  const collectWebhooks = (): void => {
    deliveries.reset()
    events.reset()
    for (const [connection, counts] of sources.webhooks()) {
      deliveries.inc({ connection, result: 'taken' }, counts.deliveries)
      for (const [result, count] of Object.entries(counts.refused)) {
        deliveries.inc({ connection, result }, count)
      }
      for (const result of ['marked', 'repeated', 'echoes', 'ignored'] as const) {
        events.inc({ connection, result }, counts[result])
      }
    }
  }

  const collectStates = (): void => {
    pairings.reset()
    for (const [pairing, state] of sources.pairings()) {
      for (const each of STATES) {
        const reason = each === 'paused' && state.kind === 'paused' ? state.why : ''
        pairings.set({ pairing, state: each, reason }, state.kind === each ? 1 : 0)
      }
    }
    for (const [pairing, each] of sources.drift()) {
      drift.set({ pairing, unexplained: 'yes' }, each.unexplained)
      drift.set({ pairing, unexplained: 'no' }, each.known)
      coverage.set({ pairing }, each.coverage)
    }
    alerts.reset()
    for (const { kind } of sources.openAlerts()) alerts.inc({ kind })
  }

  return {
    round(pairing, tally) {
      for (const kind of ['created', 'updated', 'deleted'] as const) {
        for (const side of SIDES) writes.inc({ pairing, side, kind }, tally[kind][side])
      }
      opened.inc({ pairing }, tally.conflictsOpened)
    },
    found: (pairing, look, side, count) => missed.inc({ pairing, look, side }, count),
    trouble: (connection) => troubles.inc({ connection }),
    forgotten(counts) {
      for (const [what, count] of Object.entries(counts)) forgotten.inc({ what }, count)
    },
    async expose() {
      await collectStatus()
      collectConnections()
      collectWebhooks()
      collectStates()
      return { contentType: registry.contentType, text: await registry.metrics() }
    },
  }
}
