/** The plainest client: one request, whatever the answer. Probes ask what no well-behaved client would send. */

export interface Answer {
  readonly status: number
  readonly headers: Headers
  /** Parsed JSON; the text where it is none; null where there is none. */
  readonly body: unknown
}

export interface Rest {
  (method: string, path: string, body?: unknown): Promise<Answer>
}

export function rest(options: { readonly baseUrl: string; readonly token: string }): Rest {
  return async (method, path, body) => {
    const response = await fetch(options.baseUrl + path, {
      method,
      headers: {
        authorization: `Bearer ${options.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: parsed(text) }
  }
}

function parsed(text: string): unknown {
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON is a finding, not a failure.
    return text
  }
}

/** What lies at a path of keys and places, or undefined. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null
        ? (inner as Record<string | number, unknown>)[key]
        : undefined,
    value,
  )
}

export function textAt(value: unknown, ...path: readonly (string | number)[]): string {
  const found = at(value, ...path)
  return typeof found === 'string' || typeof found === 'number' ? String(found) : ''
}

export function listAt(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found = at(value, ...path)
  return Array.isArray(found) ? found : []
}

/** Status, and of a refusal the vendor's code and message: no values of records. */
export function refusal({ status, body }: Answer): string {
  const words = ['code', 'category', 'message'].map((key) => textAt(body, key)).filter((word) => word !== '')
  return [`${status}`, ...words].join(' ').slice(0, 240)
}
