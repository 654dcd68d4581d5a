/**
 * People who edit the very field that a write of the engine is on its way to. Neither CRM offers a way to prevent that,
 * so what they entered is overwritten; what is asked of the engine is that it says so afterwards (algorithms 5.5, I4).
 */
import type { HttpRequest } from '../../src/connectors/transport.ts'
import type { HumanEdit } from '../../src/sandbox/model.ts'
import { seededRandom } from '../../src/sandbox/random.ts'
import { PHASES, type Draft, type Hands, type Kind } from './hands/hands.ts'
import type { Kernel } from './kernel.ts'
import type { Scenario } from './scenario.ts'
import type { Witness } from './witness.ts'

export interface Haste {
  /** A request that changes something sets out, and arrives after `travelMs` at the earliest. */
  departs(vendor: string, request: HttpRequest, travelMs: number): void
  /** Nobody does anything from now on. */
  rest(): void
}

export function hasteOf(options: {
  readonly scenario: Scenario
  readonly kernel: Kernel
  readonly witness: Witness
  readonly handsOf: (vendor: string) => Hands
  readonly edit: (vendor: string, edit: HumanEdit) => void
}): Haste {
  const { scenario, kernel, witness, handsOf, edit } = options
  const dice = seededRandom(scenario.seed, 'haste')
  let isOver = false

  return {
    departs(vendor, request, travelMs) {
      if (isOver || scenario.haste === 0) return
      const { url, body } = request
      const hands = handsOf(vendor)
      for (const kind of hands.kindsOf(request)) {
        for (const [id, held] of witness.live(vendor, kind)) {
          const isMeant = url.endsWith(`/${id}`) || (body ?? '').includes(`"${id}"`)
          if (!isMeant || !dice.chance(scenario.haste)) continue
          const drafts = TYPED[kind](dice.integer(1, 99))
          const touched = drafts
            .map((draft) => hands.values(kind, draft, { held, dump: () => witness.dump(vendor) }))
            .filter((values) => names(body, values))
          if (touched.length === 0) continue
          const values = dice.pick(touched)
          const object = hands.objectOf(kind, id)
          void kernel.sleep(dice.next() * travelMs).then(() => {
            if (!isOver) edit(vendor, { action: 'update', object, id, values })
          })
        }
      }
    },
    rest() {
      isOver = true
    },
  }
}

function names(body: string | null, values: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(values).some((field) => body?.includes(`"${field}":`))
}

/** What people type, one word each, by kind. Nothing by which records are recognised: that is another story. */
const TYPED: Readonly<Record<Kind, (n: number) => readonly Draft[]>> = {
  company: (n) => [{ name: `Hasty ${n}` }],
  person: (n) => [
    { job: `Hasty ${n}` },
    { phone: `+14155551${String(n).padStart(3, '0')}` },
    { first: `Hasty${n}`, last: 'Moor' },
  ],
  deal: (n) => [
    { name: `Hasty ${n}` },
    { amount: String(n * 7) },
    { stage: PHASES[n % PHASES.length] ?? 'lead' },
  ],
}
