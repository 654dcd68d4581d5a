/** What the pure functions of the stages are given besides the facts: one mapping with one field, a silent engine. */
import type { Connector } from '../../src/connectors/connector.ts'
import { GUARD_LIMITS } from '../../src/core/guard.ts'
import type { RecordKey, Side } from '../../src/core/record.ts'
import type { ObjectSchema } from '../../src/core/schema.ts'
import type { FieldRule } from '../../src/core/rules.ts'
import type { Logger } from '../../src/logging.ts'
import type { Directory } from '../../src/stages/directory.ts'
import { Absences } from '../../src/stages/absence.ts'
import { newTally, type Engine, type MappingRuntime } from '../../src/stages/engine.ts'
import { Hands } from '../../src/stages/hands.ts'
import { latelyGuard } from '../../src/stages/lately.ts'
import type { Wake } from '../../src/stages/wake.ts'
import type { Link } from '../../src/store/links.ts'
import type { DirtyRecord } from '../../src/store/records.ts'
import type { Store } from '../../src/store/store.ts'
import { CONTEXT } from '../core/rules.ts'

export const LINK: Link = {
  id: 'link',
  mapping: 'mapping',
  left: 'left-1',
  right: 'right-1',
  state: 'live',
  epoch: 1,
  rules: '1',
  versions: { left: 'v', right: 'v' },
}

export const DIRTY: DirtyRecord = {
  side: 'left',
  id: 'left-1',
  seq: 1,
  lane: 0,
  reasons: ['listed'],
  attempts: 0,
  firstAtMs: 0,
}

export const HORIZON_MS = 60_000

export function recordKey(side: Side): RecordKey {
  return { connection: side, object: 'records', id: `${side}-1` }
}

/** No references and no users. */
export const DIRECTORY: Directory = { context: CONTEXT, pending: () => [] }

/** A mapping with one field, which is no reference. */
export function mappingOf(rule: FieldRule): MappingRuntime {
  const nothing = { left: null, right: null }
  const schema: ObjectSchema = { object: 'records', fields: new Map() }
  return {
    rules: {
      mapping: 'mapping',
      pairing: 'pairing',
      object: { left: 'records', right: 'records' },
      fields: [rule],
      match: [],
      create: { left: false, right: false },
      defaults: { left: () => ({}), right: () => ({}) },
      onDelete: { left: 'unlink', right: 'unlink' },
      stamp: nothing,
      stampWhen: 'with-next-write',
      inScope: { left: () => true, right: () => true },
      reads: { left: rule.left.fields, right: rule.right.fields },
      version: '1',
    },
    schemas: { left: schema, right: schema },
    // Only asked when rules change.
    source: { body: {} as MappingRuntime['source']['body'], stamps: nothing },
    paused: {},
  }
}

/** An engine at one moment. Its messages are kept, since some of them are reports. */
export function engineAt(nowMs: number): Engine & { readonly messages: readonly string[] } {
  const messages: string[] = []
  const note = (_facts: unknown, message: string) => messages.push(message)
  const runtime: Engine['runtime'] = {
    now: () => nowMs,
    random: () => 0,
    id: () => 'id',
    sleep: () => Promise.reject(new Error('a decision does not wait')),
  }
  return {
    messages,
    store: silent<Store>({}),
    runtime,
    log: silent<Logger>({ info: note, debug: note, warn: note, error: note }),
    settings: {
      batchSize: 1,
      batchesInFlight: 1,
      freshMs: 0,
      zombieHorizonMs: HORIZON_MS,
      clockErrorMs: 0,
      lookBack: 'following',
      guards: GUARD_LIMITS,
      guardsAccepted: false,
    },
    pairing: {
      name: 'pairing',
      connectors: {
        left: connectorOf('left'),
        right: connectorOf('right'),
      },
      accounts: { left: accountOf('left'), right: accountOf('right') },
      users: { left: [], right: [] },
      mappings: [],
    },
    others: { left: [], right: [] },
    run: 'run',
    tally: newTally(),
    sending: new Set(),
    inHand: new Hands(),
    lately: latelyGuard(runtime),
    absences: new Absences(),
    signal: new AbortController().signal,
    wake: silent<Wake>({}),
    onSettled: () => undefined,
  }
}

function accountOf(side: Side) {
  return { id: side, name: side, tokenOwner: null }
}

/** A port of which only the given parts may be touched: whatever else a decision asks for is I/O, and a bug. */
function silent<T extends object>(parts: { readonly [K in keyof T]?: unknown }): T {
  return new Proxy(parts as T, {
    get(target, name) {
      if (name in target) return Reflect.get(target, name) as unknown
      throw new Error(`a decision asks for ${String(name)}`)
    },
  })
}

function connectorOf(connection: string): Connector {
  const capabilities = silent<Connector['capabilities']>({ keepsHistory: true })
  return silent<Connector>({ connection, capabilities })
}
