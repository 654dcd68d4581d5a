/** The fields in which each side keeps the other side's record id: which are missing, and creating them. */
import type { NewField } from '../connectors/writing.ts'
import { otherSide } from '../core/record.ts'
import type { OpenedPairing } from '../stages/pairing.ts'

export interface StampPlan {
  readonly connection: string
  readonly object: string
  readonly field: NewField
  create(): Promise<void>
}

/** What `setUpStamps` would create. Changes nothing. */
export function plannedStamps(opened: OpenedPairing): readonly StampPlan[] {
  const { connectors } = opened.pairing
  return opened.missingStamps.map(({ side, object, field: name }) => {
    const connector = connectors[side]
    const other = connectors[otherSide(side)].connection
    const field: NewField = {
      name,
      label: `${other} record id`.replace(/^./, (letter) => letter.toUpperCase()),
      description: `Written by Attune: the id of this record in ${other}. Please do not edit.`,
      unique: connector.capabilities.uniqueStamp(object),
    }
    return {
      connection: connector.connection,
      object,
      field,
      create: () => connector.createField(object, field),
    }
  })
}

export async function setUpStamps(opened: OpenedPairing): Promise<void> {
  for (const stamp of plannedStamps(opened)) await stamp.create()
}
