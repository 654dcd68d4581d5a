/** Both ends of a relationship show it, whichever was written. Attio fact sheet 17.6. */
import { recordEvent } from './ledger.ts'
import type { Ledger } from './ledger.ts'
import { newRow, replaceRows } from './timeline.ts'
import { SYSTEM } from './value.ts'
import type { StoredValue } from './value.ts'
import { currentValues } from './workspace.ts'
import type { Act, Attribute, StoredRecord, Workspace } from './workspace.ts'

const targetsOf = (rows: readonly StoredValue[]): readonly string[] =>
  rows.flatMap(({ data }) => (data.kind === 'record-reference' ? [data.recordId] : []))

/** Brings the far ends of a relationship into step with the near end that was just written. */
export function mirror(
  workspace: Workspace,
  options: {
    record: StoredRecord
    attribute: Attribute
    before: readonly StoredValue[]
    rows: readonly StoredValue[]
    act: Act
    ledger: Ledger
  },
): void {
  const { record, attribute, act, ledger } = options
  const inverse = attribute.inverseId ? workspace.attributes.get(attribute.inverseId) : undefined
  if (!inverse) return
  const [old, now] = [targetsOf(options.before), targetsOf(options.rows)]
  for (const targetId of old) {
    const target = workspace.records.get(targetId)
    if (now.includes(targetId) || !target) continue
    dropReference(workspace, { record: target, attribute: inverse, targetId: record.id, act, ledger })
  }
  for (const targetId of now) {
    const target = workspace.records.get(targetId)
    if (target) addReference(workspace, { target, inverse, attribute, record, act, ledger })
  }
}

export const mirrorAct = (workspace: Workspace, act: Act): Act =>
  workspace.settings.mirrorActor === 'system' ? { ...act, actor: SYSTEM } : act

/** A single-valued far end moves: its old partner loses it. Attio fact sheet 17.6. */
function addReference(
  workspace: Workspace,
  options: {
    target: StoredRecord
    inverse: Attribute
    attribute: Attribute
    record: StoredRecord
    act: Act
    ledger: Ledger
  },
): void {
  const { target, inverse, attribute, record, act, ledger } = options
  const held = currentValues(target, inverse.id)
  if (targetsOf(held).includes(record.id)) return
  const by = mirrorAct(workspace, act)
  const row = newRow({ kind: 'record-reference', objectId: record.objectId, recordId: record.id }, by)
  const rows = inverse.isMultiselect ? [...held, row] : [row]
  replaceRows(workspace, { record: target, attribute: inverse, rows, atMs: act.atMs })
  ledger.mirrored.push(recordEvent(workspace, 'updated', { record: target, act: by, attribute: inverse }))
  if (inverse.isMultiselect) return
  for (const partnerId of targetsOf(held)) {
    const partner = workspace.records.get(partnerId)
    if (partner) dropReference(workspace, { record: partner, attribute, targetId: target.id, act, ledger })
  }
}

/** Ends the row of one attribute that points at a record. */
export function dropReference(
  workspace: Workspace,
  options: { record: StoredRecord; attribute: Attribute; targetId: string; act: Act; ledger: Ledger },
): void {
  const { record, attribute, targetId, act, ledger } = options
  const held = currentValues(record, attribute.id)
  const rows = held.filter(({ data }) => data.kind !== 'record-reference' || data.recordId !== targetId)
  if (rows.length === held.length) return
  replaceRows(workspace, { record, attribute, rows, atMs: act.atMs })
  const by = mirrorAct(workspace, act)
  ledger.mirrored.push(recordEvent(workspace, 'updated', { record, act: by, attribute }))
}
