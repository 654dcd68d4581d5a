/** The state of one HubSpot portal and the services its handlers share. */
import { recountEnds } from './association-counts.ts'
import { AssociationStore, type AssociationChange, type End } from './association-store.ts'
import { AssociationTypes } from './association-types.ts'
import { between } from '../chance.ts'
import { ObjectTypes, typeCode, type ObjectType } from './object-types.ts'
import { Owners } from './owners.ts'
import { Pipelines } from './pipelines.ts'
import { Properties } from './properties.ts'
import { RecordStore, type Source, type StoredRecord, type Values } from './record-store.ts'
import { SearchIndex } from './search-index.ts'
import type { HubSpotSettings } from './settings.ts'
import { Webhooks, type DeliveryContext, type Happening } from './webhooks.ts'

/** Ids and secrets of the portal and of the app that calls. */
export interface Identity {
  readonly portalId: number
  readonly appId: number
  readonly clientId: string
  readonly clientSecret: string
  /** Opens the webhook settings endpoints. */
  readonly developerApiKey: string
  /** The private token. */
  readonly token: string
  /** Of the app's installation by a user of the portal. */
  readonly refreshToken: string
  readonly hubDomain: string
}

/** The standard objects that have webhook types of their own (20.2); all others report as `object.*`. */
const WEBHOOK_PREFIXES: Readonly<Record<string, string>> = {
  '0-1': 'contact',
  '0-2': 'company',
  '0-3': 'deal',
  '0-5': 'ticket',
}

/** What a custom object's schema holds beside its properties and associations (16). */
export interface CustomSchema {
  readonly typeId: string
  readonly name: string
  readonly labels: { readonly singular: string; readonly plural: string }
  readonly primaryDisplayProperty: string | null
  readonly secondaryDisplayProperties: readonly string[]
  readonly requiredProperties: readonly string[]
  readonly searchableProperties: readonly string[]
  readonly createdAt: number
  readonly updatedAt: number
  readonly archivedAt: number | null
}

interface Counters {
  serial: number
  customType: number
  associationType: number
  subscription: number
  pipeline: number
  request: number
}

export class Portal {
  readonly types = new ObjectTypes()
  readonly pipelines = new Pipelines()
  readonly properties = new Properties(
    (typeId, stageId) => this.pipelines.stage(typeId, stageId) !== undefined,
  )
  readonly owners = new Owners()
  readonly records = new RecordStore()
  readonly associationTypes = new AssociationTypes()
  readonly associations = new AssociationStore(this.associationTypes)
  readonly index = new SearchIndex()
  readonly webhooks = new Webhooks()
  /** Addresses of nobody that were deleted under the GDPR, in lower case (18.2). */
  readonly blockedEmails = new Set<string>()
  /** By type id. */
  readonly schemas = new Map<string, CustomSchema>()
  readonly seed: number
  readonly identity: Identity
  readonly settings: HubSpotSettings
  readonly clock: () => number
  counters: Counters

  constructor(options: { seed: number; identity: Identity; settings: HubSpotSettings; clock: () => number }) {
    this.seed = options.seed
    this.identity = options.identity
    this.settings = options.settings
    this.clock = options.clock
    this.counters = {
      // Twelve digits after the first hundred or so records: ids are longer than 32 bits and do not all have
      // the same length, so that neither numbers in 32 bits nor comparison as text works (fact sheet 8).
      serial: 99_999_999_800 + (Math.abs(options.seed) % 50),
      customType: 31_400_000 + (Math.abs(options.seed) % 1_000),
      associationType: 0,
      subscription: 2_400_000,
      pipeline: 180_000_000,
      request: 0,
    }
    for (const type of this.types.all()) this.indexUniqueValues(type)
  }

  /** Makes look-ups by the unique properties of a type possible. */
  indexUniqueValues(type: ObjectType): void {
    if (type.plural === 'contacts') this.records.addUnique(type.typeId, 'email')
    for (const name of this.properties.uniqueNames(type.typeId)) this.records.addUnique(type.typeId, name)
  }

  /** Ids grow, with gaps. */
  nextSerial(): number {
    this.counters.serial += between([1, 3], this.seed, 'serial', this.counters.serial)
    return this.counters.serial
  }

  /** Called after every change of a record, with its new values or null when it is gone. */
  reindex(record: StoredRecord, values: Values | null): void {
    this.index.notice(record, {
      values,
      now: this.clock(),
      lagMs: this.settings.searchLagMs,
      seed: this.seed,
    })
  }

  /** When the search index learns of an association made now. */
  associationSearchableAt(): number {
    const [, longest] = this.settings.searchLagMs
    return this.clock() + longest
  }

  deliveryContext(): DeliveryContext {
    return {
      now: this.clock(),
      seed: this.seed,
      portalId: this.identity.portalId,
      appId: this.identity.appId,
      clientSecret: this.identity.clientSecret,
      delayMs: this.settings.webhookDelayMs,
      duplicates: this.settings.webhookDuplicates,
      losses: this.settings.webhookLosses,
    }
  }

  /** Reports what happened to a record. */
  announce(
    record: { readonly typeId: string; readonly id: string },
    source: Source,
    happening: Omit<Happening, 'typeId' | 'prefix' | 'changeSource' | 'sourceId'>,
  ): void {
    if (!this.webhooks.listening) return
    this.webhooks.emit(
      {
        ...happening,
        typeId: record.typeId,
        prefix: WEBHOOK_PREFIXES[record.typeId] ?? null,
        changeSource: source.type,
        sourceId: source.id,
      },
      this.deliveryContext(),
    )
  }

  /** Both sides of an association count anew, and emit their own event (20.3). */
  announceAssociations(changes: readonly AssociationChange[], source: Source): void {
    recountEnds(this, changes)
    if (!this.webhooks.listening) return
    for (const { from, to, definition, removed } of changes) {
      const names = [from, to].map((end) => typeCode(this.types.byTypeId(end.typeId)))
      this.announce(from, source, {
        kind: 'associationChange',
        details: {
          fromObjectId: Number(from.id),
          toObjectId: Number(to.id),
          associationRemoved: removed,
          isPrimaryAssociation: definition.role === 'primary',
        },
        ofOldTypes: { associationType: names.join('_TO_') },
        ofGenericTypes: {
          associationTypeId: definition.associationTypeId,
          associationCategory: definition.category,
          fromObjectTypeId: from.typeId,
          toObjectTypeId: to.typeId,
        },
      })
    }
  }

  /** Whether both ends of an association can be seen: it vanishes while one of them is archived (7.9). */
  isVisible(end: End): boolean {
    return this.records.isLive(end.typeId, end.id)
  }

  save(): unknown {
    return {
      counters: this.counters,
      types: [...this.types.all()].filter((type) => type.custom),
      schemas: [...this.schemas.values()],
      properties: this.properties.save(),
      pipelines: this.pipelines.save(),
      owners: this.owners.save(),
      blockedEmails: [...this.blockedEmails],
      records: [...this.records.all()],
      associationTypes: this.associationTypes.save(),
      associations: this.associations.save(),
      index: this.index.save((typeId, id) => this.records.find(typeId, id)),
      webhooks: this.webhooks.save(),
    }
  }

  load(saved: unknown): void {
    const state = saved as {
      counters: Counters
      types: ObjectType[]
      schemas: CustomSchema[]
      properties: unknown
      pipelines: unknown
      owners: unknown
      blockedEmails: string[]
      records: StoredRecord[]
      associationTypes: unknown
      associations: unknown
      index: unknown
      webhooks: unknown
    }
    this.counters = state.counters
    for (const type of [...this.types.all()].filter((entry) => entry.custom)) this.types.remove(type)
    for (const type of state.types) this.types.add(type)
    this.schemas.clear()
    for (const schema of state.schemas) this.schemas.set(schema.typeId, schema)
    this.properties.load(state.properties)
    this.pipelines.load(state.pipelines)
    this.owners.load(state.owners)
    this.blockedEmails.clear()
    for (const email of state.blockedEmails) this.blockedEmails.add(email)
    this.records.clear()
    for (const type of this.types.all()) this.indexUniqueValues(type)
    for (const record of state.records) this.records.insert(record)
    this.associationTypes.load(state.associationTypes)
    this.associations.load(state.associations)
    this.index.load(state.index, (typeId, id) => this.records.find(typeId, id))
    this.webhooks.load(state.webhooks)
  }
}
