/** JSON out of answers. A double does not hold every amount, so long numbers arrive as the text they were sent as. */

/** Undefined when the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return /\d{16}/.test(text) ? JSON.parse(text, exactNumber) : JSON.parse(text)
  } catch {
    return undefined
  }
}

function exactNumber(_key: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source
  if (typeof value !== 'number' || source === undefined) return value
  return String(value) === source ? value : source
}
