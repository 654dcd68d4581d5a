/**
 * Notices when an administrator changes what the mappings stand on: fields, options, stages, owners, and the mapping
 * files themselves. Asked on a schedule, and at once when more records are refused than before, since that is how such
 * a change betrays itself.
 */
import type { Side } from '../core/record.ts'
import { every } from '../schedule.ts'
import type { MappingRuntime, Pairing, Engine } from './engine.ts'
import type { OpenedPairing } from './pairing.ts'
import { keepTimetable } from './timetable.ts'

/** Ends the life of a pairing, which goes on with `opened`. */
export class SchemaChanged extends Error {
  override readonly name = 'SchemaChanged'
  readonly opened: OpenedPairing

  constructor(opened: OpenedPairing) {
    super('what the mappings stand on has changed')
    this.opened = opened
  }
}

const EVERY_MS = 900_000
/** How soon a refusal leads to a question; and no sooner than this again, since most refusals are about data. */
const REFUSED_MS = 60_000

/** Rejects with `SchemaChanged`, with what `reopen` rejects with, and with the signal's reason when stopped. */
export async function keepWatchingSchemas(
  engine: Pick<Engine, 'pairing' | 'store' | 'runtime' | 'signal'>,
  reopen: () => Promise<OpenedPairing>,
): Promise<never> {
  const { pairing, store, runtime, signal } = engine
  const known = signatureOf(pairing)
  let askedMs = runtime.now()
  let refused = (await store.status(askedMs)).quarantined
  return keepTimetable({
    schedule: every(REFUSED_MS),
    runtime,
    signal,
    run: async () => {
      const nowMs = runtime.now()
      const { quarantined } = await store.status(nowMs)
      const isSuspicious = quarantined > refused
      refused = quarantined
      if (!isSuspicious && nowMs - askedMs < EVERY_MS) return
      askedMs = nowMs
      const opened = await reopen()
      if (signatureOf(opened.pairing) !== known) throw new SchemaChanged(opened)
    },
  })
}

/** Equal while nothing has changed that a decision can depend on. */
function signatureOf({ mappings, users }: Pairing): string {
  return JSON.stringify([users, mappings.map(signatureOfMapping)])
}

function signatureOfMapping({ rules, schemas, paused }: MappingRuntime): unknown {
  const mapped = (side: Side) => rules.reads[side].map((field) => schemas[side].fields.get(field) ?? field)
  return [rules.mapping, rules.version, paused, mapped('left'), mapped('right')]
}

/** Fields that are set aside, by `<mapping>.<field>`, each with the line of the mapping file to change. */
export function pausedFields({ mappings }: Pairing): ReadonlyMap<string, string> {
  return new Map(
    mappings.flatMap(({ rules, paused }) =>
      Object.entries(paused).map(([field, why]): [string, string] => [`${rules.mapping}.${field}`, why]),
    ),
  )
}
