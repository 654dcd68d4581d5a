/** Open query results (Salesforce fact sheet 7, 10). A cursor is lost by idling, and to newer ones. */
import type { SalesforceSettings } from '../settings.ts'
import { refusal } from '../wire.ts'

export interface Cursor {
  /** First part of every locator: `0r8…`. */
  readonly id: string
  readonly soql: string
  readonly withDeleted: boolean
  /** Rows of the whole result; fixed when the query ran. */
  readonly ids: readonly string[]
  /** `batchSize` of the query. */
  readonly pageRows: number
}

interface Open extends Cursor {
  usedAt: number
}

export class Cursors {
  private readonly settings: Pick<SalesforceSettings, 'cursorIdleMs' | 'cursorsMax'>
  private open = new Map<string, Open>()

  constructor(settings: Pick<SalesforceSettings, 'cursorIdleMs' | 'cursorsMax'>) {
    this.settings = settings
  }

  add(cursor: Cursor, now: number): void {
    this.open.set(cursor.id, { ...cursor, usedAt: now })
    const [oldest] = this.open.keys()
    if (this.open.size > this.settings.cursorsMax && oldest !== undefined) this.open.delete(oldest)
  }

  /** The cursor of a locator and the row it goes on with. */
  at(locator: string, now: number): { readonly cursor: Cursor; readonly offset: number } {
    const [, id = '', offset = ''] = /^([A-Za-z0-9]{15,18})-(\d+)$/.exec(locator) ?? []
    const cursor = this.open.get(id)
    const isIdle = cursor !== undefined && now - cursor.usedAt > this.settings.cursorIdleMs
    if (cursor === undefined || isIdle || Number(offset) > cursor.ids.length) {
      throw refusal('INVALID_QUERY_LOCATOR', 'invalid query locator')
    }
    cursor.usedAt = now
    return { cursor, offset: Number(offset) }
  }

  save(): readonly Open[] {
    return [...this.open.values()]
  }

  load(saved: unknown): void {
    this.open = new Map((saved as Open[]).map((cursor) => [cursor.id, cursor]))
  }
}
