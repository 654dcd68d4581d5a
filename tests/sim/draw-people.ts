/** What people do in scenarios, drawn at random: whom they enter, what they change, what they do to whom. */
import type { Random } from '../../src/sandbox/random.ts'
import { PHASES, type Draft, type Kind } from './hands/hands.ts'
import type { Edit } from './acts.ts'

const FIRST = ['Ada', 'Bob', 'Cleo', 'Dan', 'Eve']
const LAST = ['King', 'Moor', 'Byron', "O'Neil", '']
const JOBS = ['Engineer', 'countess', 'Poet', ' Clerk ', '']
const PHONES = ['+14155550100', '(415) 555-0101', '+44 20 7946 0958', '']
const COMPANIES = ['Acme', 'Umbra', 'ACME Ltd']
const DEALS = ['Ten licences', 'Renewal', 'Pilot']

/** Few enough that people meet, so that keys collide. */
const emailOf = (random: Random): string =>
  random.chance(0.15) ? '' : `P${random.integer(0, 6)}@king-family.com`
const domainOf = (random: Random): string =>
  random.chance(0.2) ? '' : `company-${random.integer(0, 4)}-of-ours.com`

export function newcomer(random: Random, kind: Kind): Draft {
  switch (kind) {
    case 'company':
      return { name: random.pick(COMPANIES), domain: domainOf(random) }
    case 'person':
      return {
        first: random.pick(FIRST),
        last: random.pick(LAST),
        email: emailOf(random),
        job: random.pick(JOBS),
        phone: random.pick(PHONES),
        remark: `note ${random.integer(1, 99)}`,
      }
    case 'deal':
      return {
        name: random.pick(DEALS),
        stage: random.pick(PHASES),
        amount: String(random.integer(0, 5) * 100),
      }
  }
}

/** One field is enough: two people who edit different fields of one record are the common case. */
export function change(random: Random, kind: Kind): Draft {
  switch (kind) {
    case 'company':
      return random.pick([
        { name: random.pick(COMPANIES) },
        { domain: domainOf(random) },
        { linkedin: `https://linkedin.com/company/c${random.integer(1, 3)}` },
        { remark: `remark ${random.integer(1, 99)}` },
      ])
    case 'person':
      return random.pick<Draft>([
        { job: random.pick(JOBS) },
        { job: `Head of ${random.integer(1, 9)}` },
        { first: random.pick(FIRST), last: random.pick(LAST) },
        { phone: random.pick(PHONES) },
        { email: emailOf(random) },
        { linkedin: random.pick(['', 'https://linkedin.com/in/ada', 'linkedin.com/in/bob']) },
        { remark: `remark ${random.integer(1, 99)}` },
      ])
    case 'deal':
      return random.pick<Draft>([
        { amount: String(random.integer(0, 9) * 50) },
        { stage: random.pick(PHASES) },
        { name: random.pick(DEALS) },
        { remark: `remark ${random.integer(1, 99)}` },
      ])
  }
}

export type Doer = (random: Random) => Edit

export const DOERS: Readonly<Record<string, Doer>> = {
  update: (random) => {
    const kind = random.pick(['person', 'person', 'person', 'company', 'deal'] as const)
    return { do: 'update', kind, who: random.next(), draft: change(random, kind) }
  },
  create: (random) => {
    const kind = random.pick(['person', 'person', 'company', 'deal'] as const)
    return { do: 'create', kind, draft: newcomer(random, kind) }
  },
  relate: (random) => {
    const kind = random.pick(['person', 'deal'] as const)
    const relation = kind === 'deal' && random.chance(0.6) ? 'people' : 'company'
    return {
      do: 'relate',
      kind,
      who: random.next(),
      relation,
      whom: random.next(),
      remove: random.chance(0.25),
    }
  },
  delete: (random) => ({ do: 'delete', kind: anyKind(random), who: random.next() }),
  restore: (random) => ({ do: 'restore', kind: anyKind(random), who: random.next() }),
  merge: (random) => ({
    do: 'merge',
    kind: random.pick(['person', 'company'] as const),
    who: random.next(),
    whom: random.next(),
  }),
  bulk: (random) => ({ do: 'bulk', kind: 'person', draft: { job: `Wave ${random.integer(1, 9)}` } }),
}

function anyKind(random: Random): Kind {
  return random.pick(['person', 'person', 'company', 'deal'] as const)
}
