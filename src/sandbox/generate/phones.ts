/**
 * Mobile numbers that the numbering plans accept, in the spellings people use. Vendors check numbers against the
 * plans (Attio fact sheet 11), so a made-up number has to be a possible one; whether anybody holds it is chance.
 */
import type { Random } from '../random.ts'

export interface Phone {
  readonly country: string
  /** E.164, `+14155550123`. */
  readonly e164: string
  /** As written at home, without the country code. */
  readonly national: readonly string[]
  /** As written for foreigners; every spelling starts with `+`. */
  readonly international: readonly string[]
}

interface Plan {
  readonly code: string
  /** `d` any digit, `x` a digit from 2 to 9, `y` from 1 to 9; other digits as they are. */
  readonly digits: string
  /** Each `#` takes the next digit. */
  readonly national: readonly string[]
  readonly international: readonly string[]
}

const PLANS: Readonly<Record<string, Plan>> = {
  US: {
    code: '1',
    digits: '415xd2dddd',
    national: ['(###) ###-####', '###-###-####', '###.###.####', '##########'],
    international: ['+1 ### ### ####', '+1-###-###-####', '+1 (###) ###-####', '+1##########'],
  },
  GB: {
    code: '44',
    digits: '740ddddddd',
    national: ['0#### ######', '0#### ### ###', '0##########'],
    international: ['+44 #### ######', '+44 (0)#### ######', '+44##########'],
  },
  DE: {
    code: '49',
    digits: '151dddddddd',
    national: ['0### ########', '0###/########', '0### / ## ## ## ##'],
    international: ['+49 ### ########', '+49 (0) ### ########', '+49-###-########'],
  },
  FR: {
    code: '33',
    digits: '61ddddddd',
    national: ['0# ## ## ## ##', '0#.##.##.##.##', '0#########'],
    international: ['+33 # ## ## ## ##', '+33 (0)# ## ## ## ##', '+33#########'],
  },
  MX: {
    code: '52',
    digits: '55yddddddd',
    national: ['## #### ####', '##-####-####'],
    international: ['+52 ## #### ####', '+52##########'],
  },
  BR: {
    code: '55',
    digits: '119xddddddd',
    national: ['(##) #####-####', '## #####-####'],
    international: ['+55 ## #####-####', '+55 (##) #####-####'],
  },
  PL: {
    code: '48',
    digits: '50ydddddd',
    national: ['### ### ###', '###-###-###'],
    international: ['+48 ### ### ###', '+48#########'],
  },
  SE: {
    code: '46',
    digits: '70ddddddd',
    national: ['0##-### ## ##', '0## ### ## ##'],
    international: ['+46 ## ### ## ##', '+46#########'],
  },
  TR: {
    code: '90',
    digits: '532ddddddd',
    national: ['0### ### ## ##', '(0###) ### ## ##'],
    international: ['+90 ### ### ## ##', '+90##########'],
  },
  VN: {
    code: '84',
    digits: '91ddddddd',
    national: ['0## ### ## ##', '0#########'],
    international: ['+84 ## ### ## ##', '+84#########'],
  },
  RU: {
    code: '7',
    digits: '916ddddddd',
    national: ['8 (###) ###-##-##', '8##########'],
    international: ['+7 ### ###-##-##', '+7 (###) ###-##-##'],
  },
  GR: {
    code: '30',
    digits: '697ddddddd',
    national: ['### ### ####', '##########'],
    international: ['+30 ### ### ####', '+30##########'],
  },
  AE: {
    code: '971',
    digits: '50ydddddd',
    national: ['0## ### ####', '0#########'],
    international: ['+971 ## ### ####', '+971#########'],
  },
  IL: {
    code: '972',
    digits: '54xdddddd',
    national: ['0##-###-####', '0#########'],
    international: ['+972 ##-###-####', '+972#########'],
  },
  IN: {
    code: '91',
    digits: '98yddddddd',
    national: ['0##### #####', '##########'],
    international: ['+91 ##### #####', '+91-##########'],
  },
  CN: {
    code: '86',
    digits: '138dddddddd',
    national: ['### #### ####', '###########'],
    international: ['+86 ### #### ####', '+86###########'],
  },
  JP: {
    code: '81',
    digits: '90yddddddd',
    national: ['0##-####-####', '0##########'],
    international: ['+81 ##-####-####', '+81##########'],
  },
  KR: {
    code: '82',
    digits: '103ddddddd',
    national: ['0##-####-####', '0##########'],
    international: ['+82 ##-####-####', '+82##########'],
  },
}

/** A number of this country; of the United States when the country has no plan here. */
export function makePhone(country: string, random: Random): Phone {
  const known = PLANS[country] ? country : 'US'
  const plan = PLANS[known] ?? fail(known)
  const digits = plan.digits.replace(/[dxy]/g, (kind) =>
    String(random.integer(kind === 'd' ? 0 : kind === 'y' ? 1 : 2, 9)),
  )
  return {
    country: known,
    e164: `+${plan.code}${digits}`,
    national: plan.national.map((template) => fill(template, digits)),
    international: plan.international.map((template) => fill(template, digits)),
  }
}

function fill(template: string, digits: string): string {
  let position = 0
  return template.replace(/#/g, () => digits.charAt(position++))
}

function fail(country: string): never {
  throw new RangeError(`no numbering plan for ${country}`)
}
