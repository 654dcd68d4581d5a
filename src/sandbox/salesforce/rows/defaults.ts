/** What a new record has that nobody sent (Salesforce fact sheet 8, 18). */
import type { Org } from '../org.ts'
import type { Intent } from './prepare.ts'
import type { Scalar } from './row-store.ts'

export function withDefaults(
  org: Org,
  { type, actor }: Intent,
  { next, sent }: { next: Record<string, Scalar>; sent: ReadonlySet<string> },
): void {
  for (const field of type.fields) {
    if (field.defaultValue === null || next[field.name] !== undefined) continue
    // A picklist that was sent as null stays blank; a checkbox is never blank.
    if (field.type !== 'boolean' && sent.has(field.name)) continue
    next[field.name] = field.defaultValue
  }
  if (type.byName.has('ownerid')) {
    const queue = assignedOwner(org, { name: type.name, assigns: actor.kind === 'api' && actor.assigns })
    next['OwnerId'] = queue ?? next['OwnerId'] ?? actor.userId
  }
  if (type.byName.has('recordtypeid') && !sent.has('RecordTypeId')) {
    const byDefault = org.recordTypes.of(type.name).find(({ isDefault }) => isDefault)
    if (byDefault) next['RecordTypeId'] = byDefault.id
  }
  if (type.byName.has('currencyisocode')) next['CurrencyIsoCode'] ??= org.settings.currencies[0] ?? 'USD'
}

/** Assignment rules win over the owner that was sent, unless the header switches them off (4). */
function assignedOwner(org: Org, { name, assigns }: { name: string; assigns: boolean }): string | null {
  const { leadQueue } = org.settings
  if (name !== 'Lead' || !assigns || leadQueue === null) return null
  for (const row of org.rows.all('Group')) {
    if (row.values['Name'] === leadQueue && row.values['Type'] === 'Queue') return row.id
  }
  return null
}
