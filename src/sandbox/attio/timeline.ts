/** The rows of one attribute through time: they are appended and ended, never changed. Attio fact sheet 7. */
import { setCurrent } from './record-index.ts'
import type { StoredValue, ValueData } from './value.ts'
import { currentValues } from './workspace.ts'
import type { Act, Attribute, StoredRecord, Workspace } from './workspace.ts'

export const newRow = (data: ValueData, act: Act): StoredValue => ({
  data,
  fromMs: act.atMs,
  untilMs: null,
  actor: act.actor,
})

/** Makes `rows` the current ones; rows that are no longer among them end now. */
export function replaceRows(
  workspace: Workspace,
  options: { record: StoredRecord; attribute: Attribute; rows: readonly StoredValue[]; atMs: number },
): void {
  const { record, attribute, rows, atMs } = options
  const ended = currentValues(record, attribute.id).filter((row) => !rows.includes(row))
  if (ended.length > 0) {
    const past = record.past.get(attribute.id) ?? []
    for (const row of ended) past.push({ ...row, untilMs: atMs })
    record.past.set(attribute.id, past)
  }
  setCurrent(workspace, record, attribute, rows)
}
