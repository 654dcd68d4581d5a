/**
 * Exact decimals on text. A double cannot hold every amount a CRM can, and rounding twice in binary would make
 * two systems disagree about a cent.
 */

export interface Decimal {
  /** All digits, sign included; the value is `units / 10^scale`. */
  readonly units: bigint
  readonly scale: number
}

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/

/** Longest text taken for a number; anything longer is somebody's text. */
const LENGTH_MAX = 400

/** Reads `12.5`, `-0.10`, `.5` and `1e3`; no thousands separators, because `1,000` has two meanings. */
export function parseDecimal(text: string): Decimal | null {
  const match = text.length <= LENGTH_MAX ? DECIMAL.exec(text) : null
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match ?? []
  if (whole + fraction === '') return null
  const units = BigInt(whole + fraction) * (sign === '-' ? -1n : 1n)
  const scale = fraction.length - Number(exponent)
  return reduced(scale < 0 ? { units: units * 10n ** BigInt(-scale), scale: 0 } : { units, scale })
}

/** Without exponent, without needless zeros, never `-0`. */
export function formatDecimal({ units, scale }: Decimal): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  const fraction = digits.slice(digits.length - scale)
  return `${units < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`
}

/** Rounds to at most `scale` places, halves to the even neighbour. */
export function roundHalfEven(decimal: Decimal, scale: number): Decimal {
  if (decimal.scale <= scale) return decimal
  const divisor = 10n ** BigInt(decimal.scale - scale)
  const magnitude = decimal.units < 0n ? -decimal.units : decimal.units
  const quotient = magnitude / divisor
  const twice = (magnitude % divisor) * 2n
  const up = twice > divisor || (twice === divisor && quotient % 2n === 1n)
  const rounded = up ? quotient + 1n : quotient
  return reduced({ units: decimal.units < 0n ? -rounded : rounded, scale })
}

export function compareDecimals(a: Decimal, b: Decimal): number {
  const scale = Math.max(a.scale, b.scale)
  const first = a.units * 10n ** BigInt(scale - a.scale)
  const second = b.units * 10n ** BigInt(scale - b.scale)
  return first < second ? -1 : first > second ? 1 : 0
}

function reduced({ units, scale }: Decimal): Decimal {
  let [digits, places] = [units, scale]
  while (places > 0 && digits % 10n === 0n) {
    digits /= 10n
    places -= 1
  }
  return { units: digits, scale: places }
}
