/** What a vendor has to tell us about: the objects and fields that the mappings keep, and nothing else. */
import type { WebhookRequest } from '../connectors/bells.ts'
import { SIDES } from '../core/record.ts'
import type { Pairing } from './engine.ts'

/**
 * Over all pairings, since a connection can be in several. Stamps are left out: only we write them, and a tampered
 * one is found by the sweep.
 */
export function webhookWishes(pairings: readonly Pairing[], connection: string): WebhookRequest['wanted'] {
  const fields = new Map<string, Set<string>>()
  for (const { connectors, mappings } of pairings) {
    for (const side of SIDES) {
      if (connectors[side].connection !== connection) continue
      for (const { rules } of mappings) {
        const known = fields.get(rules.object[side]) ?? new Set()
        fields.set(rules.object[side], known)
        for (const field of rules.reads[side]) if (field !== rules.stamp[side]) known.add(field)
      }
    }
  }
  return [...fields].map(([object, read]) => ({ object, fields: [...read] }))
}
