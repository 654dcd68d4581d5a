/** Decimal text and back. Attio keeps numbers as 64-bit floats and sends them as JSON numbers. */

const DECIMAL = /^([+-]?)0*(\d+?)(?:\.(\d*?)0*)?$/
const EXPONENTIAL = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/

/** The shortest decimal text that names this float, without exponent. */
export function decimalText(value: number): string {
  const text = String(Object.is(value, -0) ? 0 : value)
  const parts = EXPONENTIAL.exec(text)
  if (!parts) return text
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = parts
  const digits = whole + fraction
  const point = 1 + Number(exponent)
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  if (point >= digits.length) return sign + digits.padEnd(point, '0')
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`
}

/** The float that a decimal text names, or null when it names none or when a float would lose digits. */
export function exactNumber(text: string): number | null {
  const parts = DECIMAL.exec(text.trim())
  if (!parts) return null
  const [, sign = '', whole = '', fraction = ''] = parts
  const plain = fraction === '' ? whole : `${whole}.${fraction}`
  const number = Number(sign === '-' ? `-${plain}` : plain)
  return decimalText(Math.abs(number)) === plain ? number : null
}
