/**
 * Record types: kinds of records of one object, each with its own picklist values (Salesforce fact sheet 18). The
 * rows that queries see are in the row store; what they mean is here.
 */
import type { Org } from './org.ts'
import { systemValues } from './rows/system-values.ts'

export interface RecordTypeEntry {
  readonly id: string
  readonly object: string
  readonly developerName: string
  readonly name: string
  /** New records of people and clients who name none get this one. */
  readonly isDefault: boolean
  /** Picklist field → the values that this type offers. A field that is not named offers all. */
  readonly picklists: Readonly<Record<string, readonly string[]>>
}

/** The type of every record of an object without record types. */
export const MASTER_ID = '012000000000000AAA'

export class RecordTypes {
  private entries: RecordTypeEntry[] = []

  exist(object: string): boolean {
    return this.entries.length > 0 && this.entries.some((entry) => entry.object === object)
  }

  of(object: string): readonly RecordTypeEntry[] {
    return this.entries.filter((entry) => entry.object === object)
  }

  find(id: string): RecordTypeEntry | undefined {
    return this.entries.find((entry) => entry.id === id)
  }

  /** The first type of an object becomes its default. */
  add(org: Org, options: Omit<RecordTypeEntry, 'id' | 'isDefault'>, userId: string): RecordTypeEntry {
    const entry = { ...options, id: org.ids.next('012'), isDefault: !this.exist(options.object) }
    this.entries.push(entry)
    org.rows.insert({
      id: entry.id,
      object: 'RecordType',
      values: {
        ...systemValues(org, entry.id, userId),
        Name: entry.name,
        DeveloperName: entry.developerName,
        SobjectType: entry.object,
        IsActive: true,
      },
      deletedAt: null,
      deletedWith: null,
      pending: null,
    })
    return entry
  }

  save(): readonly RecordTypeEntry[] {
    return this.entries
  }

  load(saved: unknown): void {
    this.entries = [...(saved as RecordTypeEntry[])]
  }
}
