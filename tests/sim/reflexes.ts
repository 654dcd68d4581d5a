/**
 * People who are at a record while the engine writes to it: they retype what it has just stored, put back what was
 * there before, or delete what it has just created, within seconds or less. That is where a base taken from a later
 * read, a forgotten doubt or a recovery that does not look into the bin lose something.
 */
import { isEqual } from '../../src/core/value.ts'
import type { HumanEdit } from '../../src/sandbox/model.ts'
import { seededRandom, type Random } from '../../src/sandbox/random.ts'
import { KINDS, PHASES, type Draft, type Hands, type Kind, type Word } from './hands/hands.ts'
import type { Kernel } from './kernel.ts'
import type { Scenario } from './scenario.ts'
import type { Biography } from './chronicle.ts'
import type { Witness } from './witness.ts'

export interface People {
  /** Told after the engine changed something at this vendor. */
  notice(vendor: string): void
  /** Nobody does anything from now on. */
  rest(): void
}

export function reflexesOf(options: {
  readonly scenario: Scenario
  readonly kernel: Kernel
  readonly witness: Witness
  readonly handsOf: (vendor: string) => Hands
  readonly edit: (vendor: string, edit: HumanEdit) => void
}): People {
  const { scenario, kernel, witness, handsOf, edit } = options
  const { reflexes } = scenario
  const dice = seededRandom(scenario.seed, 'reflexes')
  const noticed = new Map<Biography, number>()
  let left = reflexes?.most ?? 0

  const answerTo = (hands: Hands, biography: Biography): HumanEdit | null => {
    const { kind, id, chapters } = biography
    const before = chapters.at(-2)
    const after = chapters.at(-1)
    const does = dice.pick(reflexes?.does ?? [])
    const object = hands.objectOf(kind, id)
    if (!after || after.state !== 'live') return null
    if (!before || before.state !== 'live') {
      if (does === 'delete') return { action: 'delete', object, id }
      const word = dice.pick(Object.keys(TYPED[kind]) as Word[])
      return { action: 'update', object, id, values: hands.values(kind, sample(dice, kind, word)) }
    }
    for (const word of Object.keys(TYPED[kind]) as Word[]) {
      const draft = sample(dice, kind, word)
      const fields = Object.keys(hands.values(kind, draft))
      const changed = fields.filter(
        (field) => !isEqual(before.values[field] ?? null, after.values[field] ?? null),
      )
      if (changed.length === 0) continue
      const values =
        does === 'put-back'
          ? Object.fromEntries(fields.map((field) => [field, hands.typed(before.values[field] ?? null)]))
          : hands.values(kind, draft)
      return { action: 'update', object, id, values }
    }
    return null
  }

  return {
    notice(vendor) {
      if (!reflexes || left <= 0) return
      const hands = handsOf(vendor)
      for (const biography of KINDS.flatMap((kind) => witness.biographies(vendor, kind))) {
        const known = noticed.get(biography) ?? 0
        noticed.set(biography, biography.chapters.length)
        const last = biography.chapters.at(-1)
        const isNew = biography.chapters.length > known && last?.by === 'engine' && last.atMs === kernel.now()
        if (!isNew || !dice.chance(reflexes.share)) continue
        const answer = answerTo(hands, biography)
        if (!answer) continue
        left -= 1
        void kernel.sleep(dice.next() * reflexes.withinMs).then(() => {
          if (left >= 0) edit(vendor, answer)
        })
      }
    },
    rest() {
      left = -1
    },
  }
}

/** What people type into the fields that the engine writes, by kind. */
const TYPED: Readonly<Record<Kind, Partial<Record<Word, (n: number) => Draft>>>> = {
  company: { name: (n) => ({ name: `Company ${n}` }) },
  person: {
    job: (n) => ({ job: `Second thought ${n}` }),
    phone: (n) => ({ phone: `+1415555${1_000 + n}` }),
    first: (n) => ({ first: `Name${n}`, last: 'Retyped' }),
  },
  deal: {
    amount: (n) => ({ amount: String(7 * n) }),
    stage: (n) => ({ stage: PHASES[n % PHASES.length] ?? 'lead' }),
    name: (n) => ({ name: `Deal ${n}` }),
  },
}

function sample(dice: Random, kind: Kind, word: Word): Draft {
  return TYPED[kind][word]?.(dice.integer(1, 99)) ?? {}
}
