/**
 * Decimal numbers as HubSpot calculates them: exactly, and printed with every digit that comes out. A stage
 * probability of 0.4 shows in answers as the binary fraction nearest to it, and products keep all their places
 * (recorded: an amount of 15000 at 0.4 is projected as `6000.000000000000333…`).
 */

interface Decimal {
  readonly digits: bigint
  /** Places after the point. */
  readonly scale: number
}

/** More than the probability of a stage can have, and all that the language prints. */
const PLACES_MAX = 100

/** All digits of a number's binary value, as `0.40000000000000002220…`; none after the point for whole numbers. */
export function exactText(number: number): string {
  return number.toFixed(PLACES_MAX).replace(/\.?0+$/, '')
}

/** The product of two decimal texts, which the caller has checked; places after the point add up. */
export function multiply(left: string, right: string): string {
  const [a, b] = [parse(left), parse(right)]
  return print({ digits: a.digits * b.digits, scale: a.scale + b.scale })
}

function parse(text: string): Decimal {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e')
  const [whole = '', fraction = ''] = mantissa.split('.')
  const digits = BigInt(`${whole}${fraction}`.replace(/^\+/, '') || '0')
  const scale = fraction.length - Number(exponent)
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 }
}

function print({ digits, scale }: Decimal): string {
  if (digits === 0n) return '0'
  const sign = digits < 0n ? '-' : ''
  const text = String(digits < 0n ? -digits : digits).padStart(scale + 1, '0')
  const point = text.length - scale
  return sign + (scale === 0 ? text : `${text.slice(0, point)}.${text.slice(point)}`)
}
