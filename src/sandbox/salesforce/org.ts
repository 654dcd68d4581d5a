/** The state of one Salesforce org and the services its handlers share. */
import { Jobs } from './bulk/jobs.ts'
import { Chores } from './chores.ts'
import { Channels } from './events/channels.ts'
import { EventBus } from './events/event-bus.ts'
import { foundOrg } from './found-org.ts'
import { IdSource } from './ids.ts'
import { DeleteLog } from './rows/delete-log.ts'
import { RecordTypes } from './record-types.ts'
import { RowStore, type Row, type Values } from './rows/row-store.ts'
import { runChore } from './run-chore.ts'
import { Schema } from './schema/schema.ts'
import type { SalesforceSettings } from './settings.ts'
import { Cursors } from './soql/cursors.ts'
import { stamp } from './times.ts'

/** Ids and secrets that a client needs to know. */
export interface Identity {
  /** The access token that is valid from the start. */
  readonly token: string
  readonly refreshToken: string
  /** Consumer key and secret of the connected app. */
  readonly clientId: string
  readonly clientSecret: string
  /** The user who runs the API client. */
  readonly username: string
  /** Of that user; for the password flows where they are allowed. */
  readonly password: string
  readonly orgId: string
  readonly userId: string
}

export class Org {
  readonly seed: number
  readonly identity: Identity
  readonly settings: SalesforceSettings
  readonly clock: () => number
  readonly ids: IdSource
  readonly rows = new RowStore()
  readonly recordTypes = new RecordTypes()
  readonly schema: Schema
  readonly cursors: Cursors
  readonly jobs = new Jobs()
  readonly events: EventBus
  readonly channels = new Channels()
  readonly deleteLog = new DeleteLog()
  readonly chores = new Chores()
  /** Numbers of writes, transactions and requests so far. */
  counters = { write: 0, transaction: 0, request: 0 }
  /** While something that was due earlier is caught up with: its own time. */
  private asOf: number | null = null
  /** A stamp serves for a second: making one costs more than a small write does. */
  private lastStamp = { second: Number.NaN, text: '' }
  private described: { readonly state: string; readonly at: number } | null = null

  constructor(options: { seed: number; settings: SalesforceSettings; clock: () => number }) {
    const { seed, settings } = options
    this.seed = seed
    this.settings = settings
    this.clock = options.clock
    this.ids = new IdSource(seed)
    this.cursors = new Cursors(settings)
    this.events = new EventBus(settings, seed)
    this.schema = new Schema({
      multiCurrency: () => settings.multiCurrency,
      addressCodes: () => settings.addressPicklists,
      hasRecordTypes: (object) => this.recordTypes.exist(object),
    })
    this.identity = foundOrg(this)
  }

  /** Epoch milliseconds of the org. */
  now(): number {
    return this.asOf ?? this.clock()
  }

  /** The org's time as a stamp, in whole seconds. */
  stamp(): string {
    const second = Math.floor(this.now() / 1_000)
    if (this.lastStamp.second !== second) this.lastStamp = { second, text: stamp(this.now()) }
    return this.lastStamp.text
  }

  /** When what a describe shows last changed, definitions, permissions and settings alike; epoch ms. */
  describedAt(): number {
    const { hiddenFields, readOnlyFields, multiCurrency, currencies, addressPicklists } = this.settings
    const grants = ['FieldPermissions', 'PermissionSetAssignment'].map((object) =>
      [...this.rows.all(object)].map(({ values }) => [values['Id'], values['SystemModstamp']]),
    )
    const state = JSON.stringify([
      hiddenFields,
      readOnlyFields,
      multiCurrency,
      currencies,
      addressPicklists,
      this.schema.version,
      this.recordTypes.save(),
      grants,
    ])
    if (this.described?.state !== state) this.described = { state, at: this.now() }
    return this.described.at
  }

  /** Does what was due by now, each at its own time. */
  settle(): void {
    const now = this.clock()
    for (let due = this.chores.take(now); due; due = this.chores.take(now)) {
      const { chore } = due
      this.asOf = due.at
      try {
        this.rows.transact(() => runChore(this, chore))
      } finally {
        this.asOf = null
      }
    }
  }

  /** What a reader sees of a row: not what a running transaction has written. */
  seen(row: Row): Values | null {
    if (row.pending === null || row.pending.until <= this.now()) return row.values
    return row.pending.before
  }

  save(): unknown {
    return {
      ids: this.ids.save(),
      counters: this.counters,
      schema: this.schema.save(),
      rows: this.rows.save(),
      recordTypes: this.recordTypes.save(),
      cursors: this.cursors.save(),
      jobs: this.jobs.save(),
      events: this.events.save(),
      channels: this.channels.save(),
      deleteLog: this.deleteLog.save(),
      chores: this.chores.save(),
      described: this.described,
    }
  }

  load(saved: unknown): void {
    const state = saved as {
      ids: [string, number][]
      counters: Org['counters']
      schema: unknown
      rows: Row[]
      recordTypes: unknown
      cursors: unknown
      jobs: unknown
      events: unknown
      channels: unknown
      deleteLog: unknown
      chores: unknown
      described: Org['described']
    }
    this.ids.load(state.ids)
    this.counters = state.counters
    this.rows.load(state.rows)
    this.recordTypes.load(state.recordTypes)
    this.schema.load(state.schema)
    this.cursors.load(state.cursors)
    this.jobs.load(state.jobs)
    this.events.load(state.events)
    this.channels.load(state.channels)
    this.deleteLog.load(state.deleteLog)
    this.chores.load(state.chores)
    this.described = state.described
  }
}
